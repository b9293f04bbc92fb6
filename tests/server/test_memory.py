"""What gunicorn's first process has in memory stays shared with its workers."""

from tests.server.web import Web, get


def test_a_workers_garbage_collector_leaves_it_alone(web: Web) -> None:
    assert int(web.ask(get("/")).body["gc.frozen"]) > 0
