"""Python runs this at its start where the folder is on PYTHONPATH: names are looked up at NAME_SERVER_PORT."""

import os
import socket
from typing import Any

import dns.resolver

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = ["127.0.0.1"]
resolver.port = int(os.environ["NAME_SERVER_PORT"])
dns.resolver.default_resolver = resolver

elsewhere = socket.getaddrinfo


def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
    """What the name server names is this machine; there is no other name of its domain."""
    if host == "member.swag.test":
        host = "127.0.0.1"
    elif str(host).endswith(".swag.test"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return elsewhere(host, *rest, **options)


socket.getaddrinfo = getaddrinfo
