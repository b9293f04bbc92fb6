"""TLS in front of a local server, with a certificate that nobody vouches for, as platforms give it to Redis."""

import ssl

import trustme

from dev.stack.forwarder import Forwarder


class TlsProxy(Forwarder):
    """Context manager: connections to `port` of this machine go on to the server on `to` of it, without TLS."""

    def __init__(self, to: int) -> None:
        super().__init__(to)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        #: Who does vouch for it.
        self.ca = trustme.CA()
        self.ca.issue_cert("127.0.0.1").configure_cert(self.tls)
