"""What is read of an address before anybody has shown a good ticket: a stranger may have made it."""

from typing import Any

import pytest

from swag_goals.api import stream_address


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was percent-decoded."""
    found: list[str] = []

    def unquote(value: str) -> str:
        found.append(value)
        return value

    monkeypatch.setattr(stream_address, "unquote", unquote)
    return found


def test_a_path_is_not_looked_at_before_a_ticket_was_good(decoded: list[str]) -> None:
    stream_address.session_ids("/%61" * 2000)

    assert decoded == []


@pytest.mark.parametrize(
    ("query", "most"),
    [("&".join(f"ticket=%41{each}" for each in range(500)), 2), ("ticket=%41&" * 500, 1), ("ticket=" + "%41" * 900, 0)],
    ids=["different", "the same", "long"],
)
def test_of_many_tickets_few_are_decoded(decoded: list[str], query: str, most: int) -> None:
    assert 1 <= len(stream_address.tickets(query)) <= 2
    assert len(decoded) == most


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("secret=a", ["a"]),
        ("x=y&secret=a%2Bb+c&z", ["a+b+c"]),
        ("secret=a&secret=a&secret=", ["a", "a", ""]),
        ("xsecret=a&secret&Secret=b&secretx=c&x=secret=d", []),
    ],
)
def test_a_value_is_found_under_its_own_name_alone(query: str, values: Any) -> None:
    assert list(stream_address.values(query, "secret")) == values


SESSION, OTHER = "a" * 24, "b" * 24


@pytest.mark.parametrize(
    "path",
    [
        f"/live/{SESSION}/index.m3u8",
        f"/live/{SESSION}.m3u8",
        f"/app/{SESSION}",
        f"/live%2F{SESSION}%2Findex.m3u8",
        f"/live/%61{SESSION[1:]}/index.m3u8",
        f"/live/{OTHER}/../{SESSION}/./index.m3u8",
        f"//{SESSION}/",
    ],
)
def test_a_path_is_of_the_session_that_is_a_segment_of_it(path: str) -> None:
    assert SESSION in stream_address.session_ids(path)


@pytest.mark.parametrize(
    "path",
    [
        f"/live/{SESSION}x/index.m3u8",
        f"/live/{SESSION}.m3u8/index.m3u8",
        f"/live/x.{SESSION}",
        f"/live/{SESSION}/../{OTHER}/index.m3u8",
        f"/live/{SESSION}/%2e%2e/{OTHER}/index.m3u8",
        f"/live/{SESSION}%2F../{OTHER}",
        f"/live/{SESSION}#/../{OTHER}",
        f"/live/{SESSION}%00/{OTHER}/{SESSION}",
        f"/live/{OTHER}%0A/{SESSION}",
        f"/live/{SESSION}%252F..",
        "",
    ],
)
def test_no_other_path_is_also_where_servers_do_not_agree_on_its_end(path: str) -> None:
    assert SESSION not in stream_address.session_ids(path)
