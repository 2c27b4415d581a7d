"""A proxy that stands before a Cloud Storage API and goes wrong as it is told to."""

import http.client
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Fault", "Proxy", "proxy"]

_HOP_BY_HOP = ("connection", "content-length", "transfer-encoding")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request.

    Attributes
    ----------
    status
        Answer with this status instead of asking the store.
    after
        Send this share of the true answer's body, then drop the connection.
    stall
        Send half of the true answer's body, and then nothing for as long as the proxy runs.
    """

    status: int | None = None
    after: float | None = None
    stall: bool = False


@dataclass
class Proxy:
    """A running proxy.

    Attributes
    ----------
    url
        Where it listens.
    faults
        What goes wrong with the next requests for an object's content, first come first served.
    spared
        How many requests for content go well before these.
    always
        What goes wrong with every request.
    requests
        The requests for content that came, as ``(path, Range header)``.
    stalling
        Set once a request stalls.
    closing
        Set when the proxy ends.
    """

    url: str
    faults: list[Fault] = field(default_factory=list)
    spared: int = 0
    always: Fault | None = None
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    stalling: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def next_fault(self, path: str, range_: str | None) -> Fault | None:
        """Return what goes wrong with this request, if anything."""
        if "alt=media" not in path:
            return self.always
        self.requests.append((path, range_))
        if self.spared:
            self.spared -= 1
            return self.always
        return self.always or (self.faults.pop(0) if self.faults else None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        proxy: Proxy = self.server.proxy  # type: ignore[attr-defined]
        fault = proxy.next_fault(self.path, self.headers.get("Range"))
        if fault is not None and fault.status is not None:
            return self._send(fault.status, {}, b'{"error": {"message": "injected fault"}}', None)
        answer = self._ask()
        if fault is not None and fault.stall:
            self._send(*answer, 0.5)
            proxy.stalling.set()
            proxy.closing.wait()
            return None
        return self._send(*answer, fault and fault.after)

    def _ask(self) -> tuple[int, dict[str, str], bytes]:
        upstream = urlsplit(self.server.upstream)  # type: ignore[attr-defined]
        connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        connection.request("GET", self.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        kept = {k: v for k, v in answer.getheaders() if k.lower() not in _HOP_BY_HOP}
        range_ = self.headers.get("Range", "")
        if answer.status == 200 and range_.startswith("bytes="):
            # The emulator gives the whole object; Cloud Storage gives the part.
            return 206, *_part(kept, body, range_)
        return answer.status, kept, body

    def _send(self, status: int, headers: dict[str, str], body: bytes, after: float | None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if after is None else body[: int(len(body) * after)])
        if after is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has gone, as one does after Ctrl-C."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _part(headers: dict[str, str], body: bytes, range_: str) -> tuple[dict[str, str], bytes]:
    first, _, last = range_.removeprefix("bytes=").partition("-")
    start, end = int(first), min(int(last or len(body) - 1), len(body) - 1)
    return headers | {"Content-Range": f"bytes {start}-{end}/{len(body)}"}, body[start : end + 1]


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """Run a proxy before an API for as long as the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    running = Proxy(f"http://127.0.0.1:{server.server_port}")
    server.proxy, server.upstream = running, upstream  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield running
    finally:
        running.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
