"""A query set whose `modify` takes an aggregation pipeline."""

from typing import Any

from mongoengine import QuerySet
from pymongo import ReturnDocument


class PipelineQuerySet(QuerySet):  # type: ignore[misc]
    """`modify(__raw__=[...])`, which MongoEngine 0.29.3 refuses (MongoEngine issue #2873).

    Everything else goes to MongoEngine. A pipeline goes round the documents' own fields and
    validation, as `__raw__` always does.
    """

    def modify(self, upsert: bool = False, new: bool = False, **update: Any) -> Any:
        """Update one document atomically and return it, or None where none matched.

        With a pipeline, `projection=` says what comes back, as `fields()` does by copying the query set.

        :raises pymongo.errors.PyMongoError: the outcome is unknown, not "failed".
        """
        pipeline = update.get("__raw__")
        if not isinstance(pipeline, list):
            return super().modify(upsert=upsert, new=new, **update)
        asked_for = {"projection": update["projection"]} if "projection" in update else {}
        found = self._collection.find_one_and_update(
            self._query,
            pipeline,
            upsert=upsert,
            return_document=ReturnDocument.AFTER if new else ReturnDocument.BEFORE,
            **(self._cursor_args | asked_for),
        )
        return None if found is None else self._document._from_son(found)
