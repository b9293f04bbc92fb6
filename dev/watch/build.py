"""An nginx with nginx-rtmp in it that has room for a ticket, built once from Debian's sources into `.local`."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from dev.stack.bundled import NotBundled
from dev.stack.folder import LOCAL, private_folder
from dev.stack.servers import log_of
from dev.stack.supervisor import StartError, last_lines
from dev.watch import debian
from dev.watch.command import run

PROGRAM = LOCAL / "nginx-rtmp"
ROOM = 1024  # bytes for a stream's name, and as many for its arguments; as it comes there are 256
# Without what takes headers of further libraries. It is waited for, and need not be fast.
OPTIONS = ("--without-http_rewrite_module", "--without-http_gzip_module")
COMPILER = "-O0 -g0 -Wno-error"
NEEDED = {
    "apt-get": "nginx-rtmp is built from Debian's sources, which only Debian and what is made from it has.",
    "cc": "nginx-rtmp is built here, which takes a C compiler: install build-essential, and run this again.",
    "make": "nginx-rtmp is built here, which takes make: install build-essential, and run this again.",
}


def executable(say: Callable[[str], None]) -> Path:
    """This nginx; the first call builds it, in a minute.

    :param say: called with a few words before that.
    :raises NotBundled: its sources or a compiler cannot be had.
    :raises StartError: it cannot be built; what was said is kept.
    """
    if not PROGRAM.exists():
        for name, otherwise in NEEDED.items():
            if not shutil.which(name):
                raise NotBundled(otherwise)
        with private_folder() as folder:
            build(folder, say).rename(PROGRAM)
    return PROGRAM


def build(folder: Path, say: Callable[[str], None]) -> Path:
    """Build it in this empty folder; where it is then."""
    log = log_of("nginx-rtmp-build", folder)
    say("Bringing the sources of Debian's nginx and nginx-rtmp")
    debian.bring(folder, log, sources=("nginx", "libnginx-mod-rtmp"), packages=("libssl-dev",))
    for archive in folder.glob("*.orig.tar.[gx]z"):
        shutil.unpack_archive(archive, folder, filter="data")
    nginx, header = next(folder.glob("nginx-*/configure")).parent, next(folder.glob("*/ngx_rtmp_cmd_module.h"), None)
    if not header:
        raise NotBundled("This release's sources have no nginx-rtmp apart: Debian 12 or a newer one has.")
    header.write_text(re.sub(r"(#define NGX_RTMP_MAX_NAME\s+)\d+", rf"\g<1>{ROOM}", header.read_text()))
    say("Building nginx with nginx-rtmp, once")
    triplet = next(folder.glob("usr/lib/*-linux-*")).name
    options = (
        *OPTIONS,
        f"--add-module=../{header.parent.name}",
        f"--with-cc-opt=-I../usr/include -I../usr/include/{triplet} {COMPILER}",
        f"--with-ld-opt=-L../usr/lib/{triplet}",
    )
    for command in (("./configure", *options), ("nice", "make", f"-j{os.cpu_count()}")):
        if not run(log, nginx, *command):
            raise StartError(f"nginx with nginx-rtmp was not built. The last lines:\n{last_lines(log)}")
    return nginx / "objs/nginx"
