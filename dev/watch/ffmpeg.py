"""ffmpeg, which sends and plays RTMP: the one in PATH, else a package's, brought once into `.local`."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from dev.stack import install
from dev.stack.bundled import NotBundled
from dev.stack.folder import LOCAL, private_folder
from dev.stack.keeper import ROOT

PROGRAM = LOCAL / "ffmpeg"
LOCK = ROOT / "requirements-watch.txt"


def executable(say: Callable[[str], None]) -> Path:
    """ffmpeg; the first call may bring it.

    :param say: called with a few words before that.
    :raises NotBundled: it cannot be had.
    """
    if found := shutil.which("ffmpeg"):
        return Path(found)
    if not PROGRAM.exists():
        say("Bringing ffmpeg")
        with private_folder() as folder:
            try:
                asyncio.run(bring(folder))
            except install.Failed as error:
                raise NotBundled(f"ffmpeg cannot be had: install it, and run this again. {error}") from None
            next(folder.glob("imageio_ffmpeg/binaries/ffmpeg-*")).rename(PROGRAM)
    return PROGRAM


async def bring(folder: Path) -> None:
    """Install the package that has it into the folder, as the others are, and not beside them."""
    environment = await install.prepare_uv(anew=False) | {"UV_CACHE_DIR": str(folder / "cache")}
    options = ("--python", install.PYTHON, "--target", folder, *install.LOCKED, "-r", LOCK)
    await install.run("", environment, install.VENV / "bin/uv", "pip", "install", *options)
