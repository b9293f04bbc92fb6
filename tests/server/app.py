"""An app whose answers take as long, or are as large, as the query says."""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LOADED = "The app is loaded.\n"


def load() -> App:
    """The app, for a worker of gunicorn's. The log says that this one hears signals: one just forked loses them."""
    sys.stderr.write(LOADED)
    return app


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`?seconds=` before the answer, `?bytes=` in it; by itself it tells what it was asked, and what is frozen."""
    query = {name: float(values[-1]) for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    time.sleep(query.get("seconds", 0))
    asked = {name: value for name, value in environ.items() if isinstance(value, str)}
    asked["body"] = environ["wsgi.input"].read().decode("latin1")
    asked["gc.frozen"] = str(gc.get_freeze_count())
    answer = bytes(int(query["bytes"])) if "bytes" in query else json.dumps(asked).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
