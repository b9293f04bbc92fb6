"""Who may join a channel, by its name alone."""

from hypothesis import assume, given
from hypothesis import strategies as st

from swag_goals.api.pusher import may_join
from swag_goals.auth.tokens import Token
from swag_goals.events.stream_authorized import channel

ids = st.text("0123456789abcdef", min_size=24, max_size=24)
scopes = st.frozensets(st.sampled_from(["CREATOR", "PAID", "HUMAN", "creator"]))


def caller(user_id: str, scopes: frozenset[str]) -> Token:
    return Token(user_id, scopes, jti="any", iat=0, exp=0)


@given(ids, ids, scopes)
def test_its_viewer_may(streamer: str, viewer: str, scopes: frozenset[str]) -> None:
    assert may_join(caller(viewer, scopes), channel(streamer, viewer))


@given(ids, ids, scopes)
def test_its_streamer_may_with_the_scope(streamer: str, viewer: str, scopes: frozenset[str]) -> None:
    assume(streamer != viewer)

    assert may_join(caller(streamer, scopes), channel(streamer, viewer)) == ("CREATOR" in scopes)


@given(ids, ids, ids, scopes)
def test_nobody_else_may(streamer: str, viewer: str, user: str, scopes: frozenset[str]) -> None:
    assume(user not in (streamer, viewer))

    assert not may_join(caller(user, scopes), channel(streamer, viewer))


@given(ids, st.text())
def test_no_other_name_is_a_channel_of_anybody(user: str, name: str) -> None:
    assert not may_join(caller(user, frozenset({"CREATOR"})), name)


@given(ids, ids, st.text(min_size=1), st.sampled_from(["before", "behind", "between"]))
def test_nor_is_one_with_something_added(streamer: str, viewer: str, added: str, where: str) -> None:
    name = channel(streamer, viewer)
    at = {"before": 0, "behind": len(name), "between": name.index(".sd.")}[where]

    assert not may_join(caller(viewer, frozenset({"CREATOR"})), name[:at] + added + name[at:])
