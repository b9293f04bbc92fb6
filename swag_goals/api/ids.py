"""Ids in paths."""

from werkzeug.routing import BaseConverter

from swag_goals.documents.ids import hex_id

NOBODYS = "0" * 24


class IdConverter(BaseConverter):
    """An id as it stands in a path; a malformed one becomes an id that nothing has.

    So it is refused as an unknown one is, in the same words and after the same time.
    """

    def to_python(self, value: str) -> str:
        """The id as 24 lower-case hex digits."""
        return hex_id(value) or NOBODYS
