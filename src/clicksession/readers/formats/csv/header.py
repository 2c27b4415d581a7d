"""The names of the columns of CSV, and what to say where they cannot be meant."""

import re
from collections.abc import Collection, Sequence

from clicksession.errors import BadRowError
from clicksession.formats import CSV
from clicksession.readers.base import BadRow
from clicksession.schema import CANONICAL, REQUIRED, EventSchema

__all__ = ["no_header", "other_header", "refused_header", "written_header"]

_SHOWN = 80
_COMMENTS = ("#", "//", "--")
_JSON = re.compile(r"\s*[\[{]")


def written_header(names: Sequence[str], form: CSV) -> bytes:
    """Return a header of these names, as a source of this form would have it."""
    quote = form.quote
    if quote is None:
        between = re.compile(f"[{re.escape(form.delimiter)}\r\n]")
        names = [between.sub(" ", name) for name in names]
    else:
        names = [f"{quote}{name.replace(quote, quote * 2)}{quote}" for name in names]
    return f"{form.delimiter.join(names)}\n".encode()


def no_header(source: str, line: int, reason: str, hint: str = "") -> BadRowError:
    """Return the error of a source whose header cannot be read."""
    hint = hint or "Check the delimiter, the quotes, and carriage returns without a newline"
    return BadRowError(source, f"its header cannot be read ({reason})", f"{hint}.", f"line {line}")


def refused_header(source: str, row: BadRow) -> BadRowError:
    """Return the error of a source whose header is no record."""
    start = row.raw[:_SHOWN].decode("utf-8", "replace")
    if _JSON.match(start):
        return _json(source, start)
    return no_header(source, row.line or 1, row.detail)


def other_header(
    source: str, names: Sequence[str], form: CSV, schema: EventSchema, known: Collection[str]
) -> BadRowError | None:
    """Return the error of a header that has nothing that the schema needs; of others, None.

    Parameters
    ----------
    known
        Paths that the rows have besides their own.
    """
    needed = [name for name in CANONICAL if name in REQUIRED or schema.is_mapped(name)]
    paths = {path for name in needed for path in schema.paths(name)}
    if any(_leads_to(name, path) for name in [*names, *known] for path in paths):
        return None
    if _JSON.match(names[0]):
        return _json(source, form.delimiter.join(names))
    shown = ", ".join(map(repr, names))
    shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
    wanted = " or ".join(map(repr, sorted(paths)))
    reason = f"its first line is no header: it has none of {wanted}, but {shown}"
    return BadRowError(source, reason, _advice(names, form))


def _json(source: str, start: str) -> BadRowError:
    reason = f"it begins as JSON does, where a header should be: {start[:_SHOWN]}"
    return BadRowError(source, reason, 'Give format="json".')


def _advice(names: Sequence[str], form: CSV) -> str:
    kind = type(form).__name__
    first = names[0].strip()
    other = next((mark for mark in "\t;|," if mark != form.delimiter and mark in first), None)
    comment = next((mark for mark in _COMMENTS if first.startswith(mark)), None)
    if comment is not None:
        option = _option(kind, "comment", comment)
        return f"Are lines with {comment!r} comments? Then give {option}"
    if other == "\t":
        return 'Are values between tabs? Then give format="tsv".'
    if other == "," and kind == "TSV":
        return 'Are values between commas? Then give format="csv".'
    if other is not None:
        option = _option(kind, "delimiter", other)
        return f"Are values between {other!r}? Then give {option}"
    return (
        "Without a header, columns=[…] names the columns; lines before it are passed over by "
        f"format=formats.{kind}(skip=…)."
    )


def _option(kind: str, name: str, value: str) -> str:
    shown = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"format=formats.{kind}({name}={shown})."


def _leads_to(name: str, path: str) -> bool:
    """Say whether a column is a path, holds it, or is held by it."""
    return path == name or path.startswith(f"{name}.") or name.startswith(f"{path}.")
