"""A name server of the test's own, which knows one cluster of MongoDB, or fails."""

import socketserver
import threading
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

CLUSTER = "cluster.swag.test"


class NameServer(socketserver.UDPServer):
    """Context manager. `fails_with` is the code it answers with instead of the cluster's member; None says nothing."""

    def __init__(self, mongodb_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.port: int = self.server_address[1]
        self.mongodb_port = mongodb_port
        self.fails_with: dns.rcode.Rcode | None = dns.rcode.NOERROR
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        #: With them a process asks this name server.
        self.environment = {"PYTHONPATH": str(Path(__file__).parent / "names"), "NAME_SERVER_PORT": str(self.port)}

    def __enter__(self) -> "NameServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Answer(socketserver.BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        data, listener = self.request
        if self.server.fails_with is None:
            return
        answer = dns.message.make_response(dns.message.from_wire(data))
        answer.flags |= dns.flags.RA
        answer.set_rcode(self.server.fails_with)
        name = answer.question[0].name
        if self.server.fails_with == dns.rcode.NOERROR and name.to_text() == f"_mongodb._tcp.{CLUSTER}.":
            member = f"0 0 {self.server.mongodb_port} member.swag.test."
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "SRV", member))
        listener.sendto(answer.to_wire(), self.client_address)
