"""Revoked tokens: in MongoDB, so that they outlive Redis and the processes."""

from mongoengine import DateTimeField, Document, StringField


class RevokedToken(Document):  # type: ignore[misc]
    """A token that is no longer valid, until it would have expired by itself."""

    jti = StringField(primary_key=True)
    exp = DateTimeField()
    at = DateTimeField()  # who revoked it, when and why
    by = StringField()
    why = StringField()

    meta = {"collection": "revoked_token", "strict": False, "auto_create_index": False}
