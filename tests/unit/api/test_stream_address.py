"""Which session an address is of, read as servers serve it, and which tickets are in it."""

import pytest

from swag_goals.api.stream_address import session_ids, tickets

ID, OTHER = "a" * 24, "b" * 24


@pytest.mark.parametrize(
    "path",
    [
        f"/live/{ID}/index.m3u8",
        f"/live/{ID}/720p/17.m4s",
        f"/live/{ID}.m3u8",
        f"/live/{ID}.stream/chunk.ts",
        f"/{ID}",
        f"/{ID}/",
        f"live/{ID}",
        f"//live//{ID}//index.m3u8",
        f"/live/./{ID}/./index.m3u8",
        f"/live/x/../{ID}/index.m3u8",
        f"/live%2F{ID}%2Findex.m3u8",
        f"/live/%61{ID[1:]}/index.m3u8",
        f"/../../{ID}/index.m3u8",
        f"/live/{OTHER}%2F..%2f{ID}/index.m3u8",
        f"/live/{OTHER}/%2e%2E/{ID}/index.m3u8",
        f"/live/{ID}.tar.gz",
    ],
)
def test_the_session_is_a_whole_segment_or_the_last_one_s_name(path: str) -> None:
    whole = f"{ID}.stream" if ".stream/" in path else ID
    assert whole in session_ids(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        f"/live/{ID}x/index.m3u8",
        f"/live/x{ID}/index.m3u8",
        f"/live/{ID.upper()}/index.m3u8",
        f"/live/{ID}.m3u8/index.m3u8",
        f"/live/{ID}/../index.m3u8",
        f"/live/{ID}/../{OTHER}/index.m3u8",
        f"/live/{ID}/%2e%2e/{OTHER}/index.m3u8",
        f"/live/{ID}%2F..%2F{OTHER}/index.m3u8",
        f"/live/{ID}/.%2e/{OTHER}/index.m3u8",
        f"/live/{ID}/x/../../{OTHER}/index.m3u8",
        f"/live/{OTHER}/index.m3u8#/../../{ID}/x",
        f"/live/{ID}/index.m3u8#/../../{OTHER}/x",
        f"/live/{OTHER}/index.m3u8%00/../../{ID}/x",
        f"/live/{ID}%0a/index.m3u8",
        f"/live/%2561{ID[1:]}/index.m3u8",
        f"/live/.{ID}",
        f"/live/index.{ID}",
        f"/live/{ID}%20/index.m3u8",
    ],
)
def test_nothing_else_is_of_the_session(path: str) -> None:
    assert ID not in session_ids(path)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", []),
        ("ticket=t", ["t"]),
        ("a=1&ticket=t&_HLS_msn=7", ["t"]),
        ("ticket=%74", ["t"]),
        ("ticket=t&ticket=u", ["t", "u"]),
        ("ticket=", []),
        ("ticket", []),
        ("xticket=t", []),
        ("ticket[]=t", []),
        ("a=ticket=t", []),
        ("TICKET=t", []),
    ],
)
def test_tickets_are_those_of_that_name(query: str, found: list[str]) -> None:
    assert tickets(query) == found
