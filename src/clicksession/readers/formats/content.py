"""What the first bytes of a file say that it is, whatever it is called."""

import json
import re
from dataclasses import dataclass

__all__ = ["SNIFFED_BYTES", "Content", "content_of", "is_json", "may_be_json"]

SNIFFED_BYTES = 2**16

_BOM = b"\xef\xbb\xbf"
_EXPORT = "Export it as CSV, JSON or Parquet."

# What an object or an array of JSON begins with, should more of it come than was looked at.
_BEGINS = re.compile(r'(\[\s*)*\{\s*("|\}|$)|\[\s*(\]|$)')
_GOES_ON = re.compile(r"\s*,?\s*(\Z|[\r\n{\[\ufeff])")


@dataclass(frozen=True)
class Content:
    """What a file is.

    Attributes
    ----------
    what
        How messages call it.
    format
        The reader for it; empty where there is none.
    advice
        What to do instead, where there is none. ``{name}`` stands for the file's address.
    """

    what: str
    format: str = ""
    advice: str = ""


def _frame(function: str) -> str:
    return f"Read it with pandas ({function}), and give the frame as the source."


def _archive(protocol: str) -> str:
    return f"Read what is in it: {protocol}://*::{{name}}."


# Where they stand, the bytes, and what they say.
_MAGIC: tuple[tuple[int, bytes, Content], ...] = (
    (0, b"PAR1", Content("Parquet", "parquet")),
    (0, b"Obj\x01", Content("Avro", "avro")),
    (0, b"ORC", Content("ORC", "orc")),
    (0, b"ARROW1\0\0", Content("an Arrow file (Feather)", "arrow")),
    (
        0,
        b"\xff\xff\xff\xff",
        Content("a stream of Arrow", advice="Give pyarrow.ipc.open_stream(…) as a table."),
    ),
    (0, b"PARE", Content("encrypted Parquet", advice="Decrypt it first.")),
    (0, b"FEA1", Content("Feather of version 1", advice=_frame("read_feather"))),
    (0, b"SQLite format 3\0", Content("a database of SQLite", advice=_frame("read_sql"))),
    (8, b"DUCK", Content("a database of DuckDB", advice=_EXPORT)),
    (0, b"\x89HDF\r\n\x1a\n", Content("HDF5", advice=_frame("read_hdf"))),
    (0, b"\x93NUMPY", Content("an array of NumPy", advice="Give a frame made of it.")),
    (0, b"SEQ\x06", Content("a sequence file of Hadoop", advice=_EXPORT)),
    (0, b"7z\xbc\xaf\x27\x1c", Content("a 7z archive", advice="Unpack it first.")),
    (0, b"Rar!\x1a\x07", Content("a RAR archive", advice="Unpack it first.")),
    (0, b"\x04\x22\x4d\x18", Content("compressed by LZ4", advice="Decompress it first.")),
    (0, b"\xff\x06\0\0sNaPpY", Content("compressed by Snappy", advice="Decompress it first.")),
    (0, b"\x1f\x8b", Content("compressed twice", advice="Decompress it once.")),
    (257, b"ustar", Content("a tar archive", advice=_archive("tar"))),
)
_TEXTS: tuple[tuple[bytes, Content], ...] = (
    (b"%PDF-", Content("a PDF", advice=_EXPORT)),
    (
        b"version https://git-lfs.github.com/spec/",
        Content("a pointer of Git LFS, not the file", advice="Fetch it: git lfs pull."),
    ),
)
# What no text holds: a header of CSV may begin with PAR1 or ORC.
_NO_TEXT = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_PICKLE = re.compile(rb"\x80[\x02-\x05](\x95|c|\]|\}|\(|q|K)")
_WEB_PAGE = re.compile(rb"<(!doctype\s+html|html[\s>])", re.IGNORECASE)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def content_of(start: bytes) -> Content | None:
    r"""Return what a file is that begins so; nothing, where it is text or unknown.

    Examples
    --------
    >>> content_of(b"PAR1\x15\x04").what
    'Parquet'
    >>> content_of(b'{"user_id": 1}')
    """
    # Quicker than to search for one of them.
    is_binary = len(start.translate(None, _NO_TEXT)) < len(start)
    content = _binary(start) if is_binary else None
    return content or _text(start)


def may_be_json(start: bytes) -> bool:
    """Say whether a text begins as JSON's objects and arrays do."""
    return start.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")


def is_json(start: bytes) -> bool:
    r"""Say whether a text begins with a whole object or array of JSON, or with the start of one.

    Examples
    --------
    >>> is_json(b'{"user_id": 1}\n'), is_json(b"{user},time\n")
    (True, False)
    """
    if not may_be_json(start):
        return False
    text = start.removeprefix(_BOM).decode("utf-8", "ignore").lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        # Only what is longer than the bytes at hand may be unfinished.
        return len(start) >= SNIFFED_BYTES and bool(_BEGINS.match(text))
    return bool(_GOES_ON.match(text, end))


def _binary(start: bytes) -> Content | None:
    for place, magic, content in _MAGIC:
        if start.startswith(magic, place):
            return content
    if start.startswith(_ZIP):
        return _in_zip(start)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Content("an old file of Office (such as .xls)", advice=_frame("read_excel"))
    if _PICKLE.match(start):
        return Content("a pickle of Python", advice="Load it, and give the frame as the source.")
    return None


def _text(start: bytes) -> Content | None:
    start = start.removeprefix(_BOM)
    for magic, content in _TEXTS:
        if start.startswith(magic):
            return content
    text = start.lstrip()
    if _WEB_PAGE.match(text):
        return Content("a web page (HTML)", advice="Is it a login page or an error of the server?")
    if text.startswith(b"<?xml"):
        return Content("XML", advice=f"Is it an error of the store? Else: {_EXPORT}")
    return None


def _in_zip(start: bytes) -> Content:
    if b"xl/" in start:
        return Content("a workbook of Excel (xlsx)", advice=_frame("read_excel"))
    if b"[Content_Types].xml" in start or b"docProps/" in start:
        return Content("a file of Office (such as .xlsx)", advice=_frame("read_excel"))
    return Content("a zip archive", advice=_archive("zip"))
