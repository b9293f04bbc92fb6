"""Debian's packages and sources, from where this machine's apt has them: without root, and in a folder of their own."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dev.stack.bundled import NotBundled
from dev.stack.supervisor import last_lines
from dev.watch.command import run

APT = Path("/etc/apt")
# In place of the machine's settings, of which some would have an update change the system.
SETTINGS = """{network}
Acquire::Languages "none";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{folder}/sources.list.d";
Dir::State "{folder}/state";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "";
"""


def bring(folder: Path, log: Path, sources: Sequence[str], packages: Sequence[str]) -> None:
    """Lay the upstream archives of these sources in the folder, and these packages, unpacked.

    :raises NotBundled: they cannot be had.
    """
    for name in ("sources.list.d", "state", "cache"):
        (folder / name).mkdir()
    for file in (APT / "sources.list", *(APT / "sources.list.d").glob("*")):
        if file.suffix in (".list", ".sources") and file.is_file():
            (folder / "sources.list.d" / file.name).write_text(with_sources(file.read_text()))
    settings = folder / "apt.conf"
    settings.write_text(SETTINGS.format(network=network(), folder=folder))
    environment = {**os.environ, "APT_CONFIG": str(settings)}
    # One of several lists may be out of reach, and not be needed.
    run(log, folder, "apt-get", "update", environment=environment)
    for names, how in ((sources, ("source", "--tar-only")), (packages, ("download",))):
        if not run(log, folder, "apt-get", *how, *names, environment=environment):
            what = f"Debian's {' and '.join(names)} cannot be had here"
            raise NotBundled(f"{what}: let apt-get reach its sources, and run this again.\n{last_lines(log, 5)}")
    for package in folder.glob("*.deb"):
        if not run(log, folder, "dpkg", "-x", package, folder):
            raise NotBundled(f"{package.name} cannot be unpacked:\n{last_lines(log, 5)}")


def with_sources(text: str) -> str:
    """A file of apt's sources, in either form of it, with sources beside each package."""
    text = re.sub(r"^Types:.*", "Types: deb deb-src", text, flags=re.MULTILINE)
    return re.sub(r"^deb(\s.*)", r"deb\1\ndeb-src\1", text, flags=re.MULTILINE)


def network() -> str:
    """The machine's settings for downloads, such as a proxy; not what it downloads beside packages."""
    dump = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True).stdout
    return "\n".join(re.findall(r"^Acquire::(?!IndexTargets|Languages).*", dump, re.MULTILINE))
