"""Tables of the documentation's pages."""

from collections.abc import Iterable, Iterator, Sequence


def list_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in reStructuredText, line by line."""
    yield from (".. list-table::", "   :header-rows: 1", "")
    for row in (header, *rows):
        for number, cell in enumerate(row):
            yield f"   {'  ' if number else '* '}- {cell}"
    yield ""
