"""What was `drives` in the ledger is `retries`, whatever the step finds."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals import migrations


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"drives": 3}, {"retries": 3}, id="of the code before"),
        pytest.param({"retries": 2}, {"retries": 2}, id="done"),
        pytest.param({"drives": 3, "retries": 1}, {"retries": 4}, id="retried by both codes"),
        pytest.param({}, {}, id="of another program"),
    ],
)
def test_drives_become_retries(empty: Database[dict[str, Any]], before: dict[str, int], after: dict[str, int]) -> None:
    known = {"_id": ObjectId(), "status": "pending"}
    empty["extension"].insert_one(known | before)

    migrations.run(empty)

    assert empty["extension"].find_one() == known | after


def test_more_than_one_piece_is_renamed_and_what_is_renamed_stays(empty: Database[dict[str, Any]]) -> None:
    empty["extension"].insert_many({"drives": number} for number in range(2_500))
    for _ in range(2):
        empty[migrations.COLLECTION].delete_many({})
        migrations.run(empty)

        assert sorted(row["retries"] for row in empty["extension"].find()) == list(range(2_500))
        assert empty["extension"].count_documents({"drives": {"$exists": True}}) == 0
