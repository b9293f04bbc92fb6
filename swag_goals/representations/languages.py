"""The languages of problems: English, and Traditional Chinese."""

from functools import cache, lru_cache
from importlib import resources

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po

ENGLISH = "en"
TRADITIONAL_CHINESE = "zh-hant"

MAX_SUBTAGS = 4  # language, script, region, and one more


@lru_cache(maxsize=1024)
def spoken(tag: str) -> str | None:
    """The language of ours that a tag (`zh-TW`, `en-GB`, `zh-hant`) means; None for another."""
    locale = _locale(tag)
    if locale is None:
        return None
    if locale.language == "zh":
        return TRADITIONAL_CHINESE if locale.script == "Hant" else None
    return ENGLISH if locale.language == "en" else None


def _locale(tag: str) -> Locale | None:
    """By the lookup of RFC 4647: what nobody knows is cut off from behind (`zh-Hant-XX`)."""
    subtags = tag.replace("-", "_").split("_")[:MAX_SUBTAGS]
    while subtags:
        try:
            locale = Locale.parse("_".join(subtags))
        except (ValueError, UnknownLocaleError):
            subtags.pop()
            continue
        # Babel takes zh-Hant-CN, which phones send, for what is usual in that region.
        if locale.script != "Hant" and "hant" in map(str.lower, subtags):
            subtags.pop()
            continue
        return locale
    return None


def translate(message: str, language: str) -> str:
    """The message in the language; English is the source."""
    return message if language == ENGLISH else catalogue()[message]


@cache
def catalogue() -> dict[str, str]:
    """Each English message with its translation into Traditional Chinese."""
    path = resources.files(__package__) / "zh_hant.po"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
