"""Free ports of this machine, held for as long as they are needed."""

import socket
import sys


class Ports:
    """Context manager: until its exit its ports are given to nobody else, also while a server is down."""

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def __enter__(self) -> "Ports":
        return self

    def __exit__(self, *_: object) -> None:
        while self._held:
            self._held.pop().close()

    def take(self) -> int:
        """A port on 127.0.0.1 that is free now."""
        held = socket.socket()
        # Bound, with this option and not listening, it keeps the kernel from handing the port to
        # anyone who asks for any port, and still lets a server that asks for this very one have it.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        if sys.platform == "linux":
            self._held.append(held)
        else:  # elsewhere the server could not bind beside it
            held.close()
        return port
