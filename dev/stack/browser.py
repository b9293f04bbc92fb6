"""A real Chromium that needs nothing of the system: neither its libraries nor its fonts."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from dev.stack.bundled import node
from dev.stack.folder import LOCAL
from dev.stack.keeper import ROOT

NODE = ROOT / "tests/node"
PACKAGE = NODE / "node_modules/@sparticuz/chromium"
CHINESE = NODE / "node_modules/@expo-google-fonts/noto-sans-tc/400Regular"
ARGUMENTS = [
    "--no-zygote",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    # A page from outside, as the tests' pages seem to be, may otherwise not call this machine.
    "--disable-features=LocalNetworkAccessChecks",
]
UNPACK = "import('@sparticuz/chromium').then((chromium) => chromium.default.executablePath())"
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{latin}</dir>
  <dir>{chinese}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, which shows Chinese and obeys CORS as users' browsers do."""
    folder = unpacked()
    # Playwright's own Node needs a library that a small system has not.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", node())
    # Not the arguments that the package proposes: with those it would not look at CORS.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=folder / "chromium",
            args=ARGUMENTS,
            env={
                **os.environ,
                "HOME": str(folder),
                "LD_LIBRARY_PATH": str(folder / "al2023/lib"),
                "FONTCONFIG_FILE": str(folder / "fonts.conf"),
            },
        )
        try:
            yield browser
        finally:
            browser.close()


def unpacked() -> Path:
    """The folder with the unpacked browser, inside `.local`; unpacks it on the first call, in some seconds."""
    LOCAL.mkdir(exist_ok=True)
    version = hashlib.sha256((PACKAGE / "package.json").read_bytes()).hexdigest()[:8]
    folder = LOCAL / f"chromium-{version}"
    with (LOCAL / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unpack(folder)
    return folder


def unpack(folder: Path) -> None:
    """Unpack the browser into the folder, which is there only once it is whole."""
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    # The package unpacks into the temporary folder, with the libraries only for whom it takes for Lambda.
    environment = {**os.environ, "TMPDIR": str(new), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"}
    subprocess.run([node(), "-e", UNPACK], cwd=NODE, env=environment, check=True)
    fonts = FONTS.format(latin=folder / "fonts", chinese=CHINESE, cache=folder / "fonts-cache")
    (new / "fonts.conf").write_text(fonts)
    new.rename(folder)
