"""Which reader a source needs: by its first bytes, what the user says, and its name."""

import re
from dataclasses import dataclass

import pyarrow as pa

from clicksession.errors import BadRowError, ReadError
from clicksession.formats import Format
from clicksession.readers import READERS
from clicksession.readers.formats.content import Content, content_of, is_json, may_be_json
from clicksession.readers.formats.decoding import encoding_of

__all__ = ["Wanted", "format_of", "name_of", "needs_seeking"]

_BY_SUFFIX = {
    "arrow": "arrow",
    "csv": "csv",
    "feather": "arrow",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
    "parquet": "parquet",
    "pq": "parquet",
    "tsv": "tsv",
}
_DELIMITED = ("csv", "tsv")
_BINARY = ("arrow", "avro", "orc", "parquet")
_SHOWN = {
    "arrow": "Arrow",
    "avro": "Avro",
    "csv": "CSV",
    "json": "JSON",
    "orc": "ORC",
    "parquet": "Parquet",
    "tsv": "TSV",
}
_DIRECTIVES = ("#version:", "#fields:", "#software:", "#date:", "#start-date:", "#remark:")

_DAY = r"\d{4}-\d\d-\d\d"
# What a line looks like that no reader takes for its own, and what may read it.
_LIKE = (
    (
        rf"(https?|h2|grpcs?|wss?) {_DAY}T",
        "It begins as a line of a load balancer does: schema=EventSchema.preset('alb').",
    ),
    (
        rf"{_DAY}T\S+Z \S+ [\d.]+:\d+ ",
        "It begins as a line of a classic load balancer does: schema=EventSchema.preset('elb').",
    ),
    (
        r"\S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ",
        "It has the time where S3 has it: schema=EventSchema.preset('s3_access').",
    ),
    (
        r".*\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]",
        "It has the time of a web server's log: format=formats.Weblog(log_format=…) takes the "
        "line of the server's configuration, and EventSchema.preset('combined') names its fields.",
    ),
    (
        rf"{_DAY}[ \t]\d\d:\d\d:\d\d[ \t]",
        "It begins as a line of a W3C log does, without the lines that name its fields: "
        "schema=EventSchema.preset('w3c') reads one that has them.",
    ),
    (r"[^;]+;[^;]", "It may be a table: format=formats.CSV(delimiter=';')."),
    (r"[^|]+\|[^|]", "It may be a table: format=formats.CSV(delimiter='|')."),
)


@dataclass(frozen=True)
class Wanted:
    """What the user says of the format of the sources.

    Attributes
    ----------
    format
        The format, if there is word of one.
    is_given
        Whether the caller said so, and not the schema, whose word is a default.
    has_columns
        Whether the caller names the columns, so that no source need have a header.
    """

    format: str | Format | None
    is_given: bool
    has_columns: bool


def format_of(name: str, start: bytes, wanted: Wanted) -> str | Format:
    """Return the format of a source that begins so.

    What the bytes say counts more than a name or the format of a schema. Where they contradict
    the format that the caller gave, that is an error.

    Raises
    ------
    BadRowError
        It is something else than was said, or something that no reader reads.
    ReadError
        Nothing says what it is.
    """
    format = _format_of(name, start, wanted)
    asked, encoding = name_of(format), encoding_of(start)
    # These know encodings; a reader of the user's own may.
    if encoding and asked not in ("json", *_DELIMITED, *_BINARY) and not _is_plugin(asked):
        reason = f"it is {encoding.upper()} by its byte-order mark"
        advice = f"{_SHOWN.get(asked, asked)} is read as UTF-8: convert the file."
        raise BadRowError(name, reason, advice)
    return format


def _format_of(name: str, start: bytes, wanted: Wanted) -> str | Format:
    given = wanted.format
    asked, named = name_of(given), _by_name(name)
    content = content_of(start)
    # Whoever wrote a reader of their own knows what it reads.
    if given and _is_plugin(asked):
        return given
    if _is_plugin(named) and not wanted.is_given and (content or not given):
        return str(named)
    if content is not None:
        _check_content(content, name, asked if wanted.is_given else "")
        return given if given and asked == content.format else content.format
    if given and wanted.is_given:
        is_table = asked in _DELIMITED and not wanted.has_columns
        if (is_table or asked in _BINARY) and is_json(start):
            raise _otherwise("JSON", name, asked)
        return given
    return _of_text(name, start, given, named)


def needs_seeking(name: str, wanted: Wanted) -> bool:
    """Say whether a source is likely of a format that is not read from front to back."""
    asked = name_of(wanted.format)
    format = asked if wanted.is_given else _by_name(name) or asked
    return bool(format and getattr(READERS.find(format), "seekable", False))


def name_of(format: str | Format | None) -> str:
    """Return the name of a format; nothing, where there is none."""
    return format.name if isinstance(format, Format) else format or ""


def _of_text(
    name: str, start: bytes, given: str | Format | None, named: str | None
) -> str | Format:
    """Return the format of what is text: of a schema's or a name's, the one that it may be."""
    asked = name_of(given)
    format = given or named
    if (asked or named) in (*_DELIMITED, *_BINARY) and is_json(start):
        return "json"
    is_other = start.strip() and not may_be_json(start) if asked == "json" else asked in _BINARY
    if is_other and named in _DELIMITED:
        return str(named)
    return format or _sniffed(start, name)


def _check_content(content: Content, name: str, asked: str) -> None:
    """Refuse what no reader reads, and what is something else than the caller said."""
    advice = content.advice.replace("{name}", name)
    if not content.format:
        raise BadRowError(name, f"it is {content.what} by its first bytes", advice)
    if asked and asked != content.format:
        raise _otherwise(content.what, name, asked)


def _otherwise(what: str, name: str, asked: str) -> BadRowError:
    reason = f"it is {what} by its first bytes, and not {_SHOWN.get(asked, asked)}"
    return BadRowError(name, reason, f"Leave format={asked!r} out.")


def _is_plugin(format: str | None) -> bool:
    return bool(format) and format not in READERS.builtin


def _by_name(name: str) -> str | None:
    # In a chained URL, zip://a.json::gs://…, the first link is the file.
    path = name.partition("::")[0]
    if re.match("https?://", path):
        path = path.partition("?")[0].partition("#")[0]
    # As pathlib has them, which takes longer than to read a small file.
    file = path.rstrip("/").rpartition("/")[2]
    suffixes = [] if file.endswith(".") else file.lstrip(".").lower().split(".")[1:]
    for suffix in reversed(suffixes):
        if suffix in _BY_SUFFIX:
            return _BY_SUFFIX[suffix]
        if suffix in READERS:
            return suffix
    return None


def _sniffed(start: bytes, name: str) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if may_be_json(start) or not text:
        return "json"
    header = text.partition(b"\n")[0].decode("utf-8", "replace")
    if log := _access_log(header.rstrip("\r")):
        return log
    if "\t" in header:
        return "tsv"
    if "," in header:
        return "csv"
    known = f"Give format=…, one of: {', '.join(READERS.names())}. "
    known += "A value of clicksession.formats says more: CSV(delimiter=…), Weblog(log_format=…)."
    near = next((f"{said} " for form, said in _LIKE if re.match(form, header)), "")
    reason = "the format cannot be told from its name or its first bytes"
    raise ReadError(name, reason, near + known)


def _access_log(line: str) -> str | None:
    """Return the format of which a first line is, or None where it is of no access log."""
    if line.lower().startswith(_DIRECTIVES):
        return "w3c"
    for format in ("weblog", "alb", "elb", "s3_access"):
        fits, _ = READERS.find(format)().cut(pa.array([line]))
        if fits[0]:
            return format
    return None
