"""A proxy that stands before a store or a web server and goes wrong as it is told to."""

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
    ranges
        Whether it gives a part of a file where a part is asked for.
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
    ranges: bool = True
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    stalling: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def next_fault(self, method: str, path: str, range_: str | None) -> Fault | None:
        """Return what goes wrong with this request, if anything."""
        # Google says so of content; others ask for it without a query.
        of_content = "alt=media" in path or not ("/storage/" in path or "?" in path)
        if method != "GET" or not of_content:
            return self.always
        self.requests.append((path, range_))
        if self.spared:
            self.spared -= 1
            return self.always
        return self.always or (self.faults.pop(0) if self.faults else None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        proxy: Proxy = self.server.proxy  # type: ignore[attr-defined]
        # Azure has a header of its own.
        range_ = self.headers.get("Range") or self.headers.get("x-ms-range")
        fault = proxy.next_fault(self.command, self.path, range_)
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
        connection.request(self.command, self.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        kept = {k: v for k, v in answer.getheaders() if k.lower() not in _HOP_BY_HOP}
        if self.command == "HEAD":
            return (
                answer.status,
                kept | {"Content-Length": answer.getheader("Content-Length", "0")},
                b"",
            )
        range_ = self.headers.get("Range", "")
        gives_parts = self.server.proxy.ranges  # type: ignore[attr-defined]
        if answer.status == 200 and range_.startswith("bytes=") and gives_parts:
            # The emulator and Python's web server give the whole; real ones give the part.
            return 206, *_part(kept, body, range_)
        return answer.status, kept, body

    def _send(self, status: int, headers: dict[str, str], body: bytes, after: float | None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
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
