"""A key makes one extension of a goal: its id follows from streamer, goal and key."""

from swag_goals.documents.extension import Extension

STREAMER, GOAL = "1" * 24, "2" * 24
FIRST = Extension.id_for(STREAMER, GOAL, "key")


def test_the_same_key_leads_to_the_same_id_in_every_process() -> None:
    assert Extension.id_for(STREAMER, GOAL, "key") == FIRST
    assert str(FIRST) == "e74866d5f912c582949d0636"


def test_another_key_goal_or_streamer_is_another_extension() -> None:
    assert Extension.id_for(STREAMER, GOAL, "Key") != FIRST
    assert Extension.id_for(STREAMER, STREAMER, "key") != FIRST
    assert Extension.id_for(GOAL, GOAL, "key") != FIRST
