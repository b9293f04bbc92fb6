"""Which tokens the door opens for."""

import pytest

from dev.stack.stack import Stack
from tests.api.client import Answer, ask
from tests.api.forge import Forge
from tests.api.token_table import BAD_HEADERS, BAD_TOKENS, GOOD_HEADERS, GOOD_TOKENS, Case
from tests.eventually import eventually

TARGET = f"/sessions/{'a' * 24}/permissions/me"


def knock(door: Stack, *authorizations: str) -> Answer:
    return ask(door, "GET", TARGET, [("Authorization", value) for value in authorizations])


@pytest.mark.parametrize("case", GOOD_TOKENS.values(), ids=GOOD_TOKENS)
def test_a_good_token_is_let_in(door: Stack, forge: Forge, case: Case) -> None:
    assert knock(door, f"Bearer {case(forge)}").status == 404


@pytest.mark.parametrize("case", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_bad_token_is_not(door: Stack, forge: Forge, case: Case) -> None:
    answer = knock(door, f"Bearer {case(forge)}")

    assert answer.status == 401
    assert answer.body["code"] == "token_invalid"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="swag_goals"'


@pytest.mark.parametrize("case", GOOD_HEADERS.values(), ids=GOOD_HEADERS)
def test_the_scheme_may_be_written_in_any_case(door: Stack, forge: Forge, case: Case) -> None:
    assert knock(door, case(forge)).status == 404


@pytest.mark.parametrize("case", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_with_anything_but_one_bearer_token_is_refused(door: Stack, forge: Forge, case: Case) -> None:
    assert knock(door, case(forge)).status == 401


def test_two_headers_are_refused_even_with_the_same_token(door: Stack, forge: Forge) -> None:
    header = f"Bearer {forge.token()}"

    assert knock(door, header, header).status == 401


def test_a_token_anywhere_else_is_not_looked_at(door: Stack, forge: Forge) -> None:
    token = forge.token()

    assert knock(door).status == 401
    assert ask(door, "GET", f"{TARGET}?jwt={token}&access_token={token}").status == 401
    assert ask(door, "GET", TARGET, [("Cookie", f"access_token_cookie={token}")]).status == 401


def test_a_token_that_was_let_in_is_refused_once_it_has_expired(door: Stack, forge: Forge) -> None:
    header = f"Bearer {forge.lasting(-3600, -8)}"
    assert {knock(door, header).status for _ in range(10)} == {404}

    eventually(lambda: knock(door, header).status == 401)

    assert {knock(door, header).status for _ in range(10)} == {401}
