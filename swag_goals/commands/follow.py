"""Following an extension until nothing more is to be done for it."""

import time

from rich.console import Console

from swag_goals.documents.extension import APPLIED, DONE, REJECTED, Extension

LOOK = 0.2  # seconds between two looks
STATUSES = {DONE: 0, REJECTED: 3, APPLIED: 4}


def follow(extension: Extension) -> tuple[Extension, int]:
    """Say on stderr what becomes of it, until it is settled; it, and the status to exit with."""
    console = Console(stderr=True, highlight=False)
    said = ""
    with console.status(f"Following {extension.id}"):
        while True:
            news = extension.status + (f", driven again ({extension.drives} so far)" if extension.drives else "")
            if news != said:
                console.print(f"[{time.strftime('%H:%M:%S')}] {news}", markup=False)
            said = news
            if extension.due is None:
                return extension, STATUSES[extension.status]
            time.sleep(LOOK)
            extension = Extension.objects.get(id=extension.id)
