"""A short form of `make fuzz`."""

from dev.drill.fuzz import fuzz


def test_hostile_requests_find_nothing_that_the_description_does_not_allow() -> None:
    report = fuzz(requests=300, seed=1, examples=6)

    assert report.complaints == []
    assert report.requests >= 300
