"""The caller's language: English, or Traditional Chinese."""

from functools import cache
from importlib import resources

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po
from flask import request

ENGLISH = "en"
TRADITIONAL_CHINESE = "zh-hant"


def caller_language() -> str:
    """By `?lang=`, else by Accept-Language; English where neither names one we speak."""
    asked = request.args.get("lang")
    wanted = [asked] if asked is not None else [tag for tag, quality in request.accept_languages if quality > 0]
    return next((language for language in map(spoken, wanted) if language), ENGLISH)


def spoken(tag: str) -> str | None:
    """The language of ours that a tag (`zh-TW`, `en-GB`, `zh-hant`) means; None for another."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError):
        return None
    if locale.language == "zh":
        return TRADITIONAL_CHINESE if locale.script == "Hant" else None
    return ENGLISH if locale.language == "en" else None


def translate(message: str, language: str) -> str:
    """The message in the language; English is the source."""
    return message if language == ENGLISH else _catalogue().get(message, message)


@cache
def _catalogue() -> dict[str, str]:
    path = resources.files("swag_goals") / "translations" / "zh_Hant" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
