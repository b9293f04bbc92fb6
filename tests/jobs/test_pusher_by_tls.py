"""Pusher by TLS: signed calls go to whom a known authority vouches for, and to nobody else."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import pytest

from dev.stack.tls import TlsProxy
from swag_goals.events.pusher_channels import PusherChannels, PusherError
from swag_goals.events.stream_authorized import Event
from swag_goals.settings import PusherApp
from tests.jobs.pusher_sink import PusherSink

EVENT = Event("presence-stream-viewer@a.sd.b", "stream.authorized", {})


@pytest.fixture
def sink() -> Iterator[PusherSink]:
    with PusherSink() as sink:
        yield sink


@pytest.fixture
def proxy(sink: PusherSink) -> Iterator[TlsProxy]:
    with TlsProxy(urlsplit(sink.url).port or 80) as proxy:
        yield proxy


def app(proxy: TlsProxy) -> PusherApp:
    return PusherApp("1", "key", "secret", "127.0.0.1", proxy.port, tls=True)


def test_a_certificate_that_no_authority_signed_gets_no_event(sink: PusherSink, proxy: TlsProxy) -> None:
    channels = PusherChannels(app(proxy))

    assert channels.trigger([EVENT]) == []
    assert sink.batches == []
    with pytest.raises(PusherError, match="certificate"):
        channels.check()


def test_one_that_an_authority_signed_gets_it(
    sink: PusherSink, proxy: TlsProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "ca.pem"))

    assert PusherChannels(app(proxy)).trigger([EVENT]) == [EVENT]
    assert len(sink.batches) == 1
