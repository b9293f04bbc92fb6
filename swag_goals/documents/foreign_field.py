"""A field for what other programs write."""

from mongoengine.base import BaseField


class ForeignField(BaseField):  # type: ignore[misc]
    """A value kept exactly as MongoDB gives it.

    MongoEngine's own fields convert on reading (`bool([True])`), follow what looks like a
    reference, and fail on a `_cls` they do not know.
    """

    def lookup_member(self, member_name: str) -> "ForeignField":
        """What stands inside is as foreign: for `metadata__user__id=` in `flask shell`."""
        return ForeignField(db_field=member_name)
