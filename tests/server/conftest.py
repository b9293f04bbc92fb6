"""One web for tests that leave it as it was."""

from collections.abc import Iterator

import pytest

from tests.server.web import Web, running


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running(tmp_path_factory.mktemp("web")) as web:
        yield web
