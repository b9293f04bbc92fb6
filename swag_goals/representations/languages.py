"""The languages of problems: English, and Traditional Chinese as it is written in Taiwan."""

import re

ENGLISH = "en"
TRADITIONAL_CHINESE = "zh-hant"
LANGUAGES = (ENGLISH, TRADITIONAL_CHINESE)

# What a tag of BCP 47 means here; of a longer one the longest beginning that stands here counts (RFC 4647's
# lookup), so that a script wins over the region behind it. Cantonese is written in Traditional Chinese unless
# it says otherwise (CLDR's likely subtags); `zh-CHT` is what old Windows sends.
_TAGS = {
    "en": ENGLISH,
    **dict.fromkeys(("zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh-cht", "yue"), TRADITIONAL_CHINESE),
    **dict.fromkeys(("yue-hans", "yue-cn"), None),
}
_MAX_SUBTAGS = 2  # of what stands there
_SEPARATOR = re.compile(r"[-_.@]")  # also of a locale's name: `zh_TW.UTF-8`

# A header may have 8 KiB, and a hundred lines. Browsers send fewer than ten tags.
MAX_TAGS = 20
MAX_TAG = 100  # characters, with its weight
# By Werkzeug's own reading a weight without its zero (`;q=.9`) would be none.
_WEIGHTED = re.compile(r"\s*([^\s;]+)\s*(?:;\s*q\s*=\s*([01]\.?|[01]?\.[0-9]+)\s*)?", re.IGNORECASE)


def spoken(tag: str) -> str | None:
    """The language of ours that a tag (`zh-TW`, `en-GB`, `zh-hant`) means; None for another."""
    subtags = _SEPARATOR.split(tag.lower(), _MAX_SUBTAGS)[:_MAX_SUBTAGS]
    return _TAGS.get("-".join(subtags), _TAGS.get(subtags[0]))


def preferred(accepted: str) -> str:
    """The language of ours that an Accept-Language asks for first, by its weights; English where it has none."""
    tags = accepted[: MAX_TAGS * (MAX_TAG + 1)].split(",", MAX_TAGS)[:MAX_TAGS]
    weighted = [found for tag in tags if len(tag) <= MAX_TAG and (found := _WEIGHTED.fullmatch(tag))]
    by_weight = sorted(((float(found[2] or 1), spoken(found[1])) for found in weighted), key=lambda each: -each[0])
    return next((language for weight, language in by_weight if language and 0 < weight <= 1), ENGLISH)
