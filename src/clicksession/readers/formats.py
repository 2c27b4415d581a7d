"""Which reader a source needs: by what the user says, its name, or its first bytes."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from clicksession.errors import ReadError
from clicksession.readers import READERS
from clicksession.readers.access_logs import access_log_format
from clicksession.readers.ahead import AheadStream

__all__ = ["format_of", "needs_seeking"]

_BY_SUFFIX = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_SNIFFED_BYTES = 2**12


def format_of(name: str, stream: AheadStream | None, given: str | None) -> str:
    """Return the format of a source; no byte of the stream is taken."""
    start = b"" if stream is None else stream.peek(_SNIFFED_BYTES)
    return given or _by_name(name) or _sniffed(start, name)


def needs_seeking(name: str, given: str | None) -> bool:
    """Say whether a source is known to be of a format that is not read from front to back."""
    format = given or _by_name(name)
    return bool(format and getattr(READERS.find(format), "seekable", False))


def _by_name(name: str) -> str | None:
    # In a chained URL, zip://a.json::gs://…, the first link is the file.
    path = urlsplit(name.partition("::")[0]).path or name
    for suffix in reversed(PurePosixPath(path).suffixes):
        if suffix.lower() in _BY_SUFFIX:
            return _BY_SUFFIX[suffix.lower()]
        if suffix.lower().removeprefix(".") in READERS:
            return suffix.lower().removeprefix(".")
    return None


def _sniffed(start: bytes, name: str) -> str:
    if start.startswith(b"PAR1"):
        return "parquet"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"[") or not text:
        return "json"
    header = text.partition(b"\n")[0]
    if log := access_log_format(header):
        return log
    if b"\t" in header:
        return "tsv"
    if b"," in header:
        return "csv"
    raise ReadError(
        name,
        "the format cannot be told from its name or its first bytes",
        f"Give format=…, one of: {', '.join(READERS.names())}.",
    )
