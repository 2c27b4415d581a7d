"""Which reader a source needs: by what the user says, its name, or its first bytes."""

import io
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from clicksession.errors import ReadError
from clicksession.readers import READERS
from clicksession.readers.files import Source
from clicksession.readers.weblog import is_weblog_line

__all__ = ["format_of"]

_BY_SUFFIX = {".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".tsv": "tsv"}
_SNIFFED_BYTES = 2**12


def format_of(source: Source, stream: BinaryIO, given: str | None) -> tuple[str, BinaryIO]:
    """Return the format's name and a stream from which no byte is missing."""
    if given is not None:
        return given, stream
    for suffix in reversed(PurePosixPath(urlsplit(source.name).path).suffixes):
        if suffix.lower() in _BY_SUFFIX:
            return _BY_SUFFIX[suffix.lower()], stream
        if suffix.lower().removeprefix(".") in READERS.builtin:
            return suffix.lower().removeprefix("."), stream
    buffered = io.BufferedReader(cast(Any, stream))
    return _sniffed(buffered.peek(_SNIFFED_BYTES), source), cast(BinaryIO, buffered)


def _sniffed(start: bytes, source: Source) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"[") or not text:
        return "json"
    header = text.partition(b"\n")[0]
    if is_weblog_line(header):
        return "weblog"
    if b"\t" in header:
        return "tsv"
    if b"," in header:
        return "csv"
    raise ReadError(
        source.name,
        "the format cannot be told from its name or its first bytes",
        f"Give format=…, one of: {', '.join(READERS.names())}.",
    )
