"""What goes to which stream, and how tables look there."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal

import click

__all__ = ["Form", "OutputClosed", "emit", "emit_rows", "say", "shown_number"]

Form = Literal["table", "csv", "json"]


class OutputClosed(Exception):  # noqa: N818  # nothing is wrong
    """Whoever read the output has what they wanted."""


def say(text: str) -> None:
    """Tell the user something that is no result."""
    click.echo(text, err=True)


def emit(text: str) -> None:
    """Write a result.

    Raises
    ------
    OutputClosed
        Nobody reads it.
    """
    try:
        click.echo(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def emit_rows(names: Sequence[str], rows: Iterable[Sequence[Any]], form: Form) -> None:
    """Write a table as text in columns, as CSV with a header, or as an array of JSON."""
    plain = [[_plain(value) for value in row] for row in rows]
    emit({"table": _table, "csv": _csv, "json": _json}[form](names, plain))


def shown_number(value: float | None) -> str:
    """Return a number as people write it, with all of its digits.

    Examples
    --------
    >>> shown_number(5418.0), shown_number(0.125), shown_number(None)
    ('5418', '0.125', 'null')
    """
    if value is None:
        return "null"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: a null for what is none, a time in ISO 8601."""
    if hasattr(value, "item"):
        value = value.item()
    # What differs from itself is NaN or NaT; pandas' NA cannot be asked.
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    if (
        isinstance(value, datetime)
        and value.tzinfo is None
        and value == datetime(*value.timetuple()[:3])
    ):
        # A day, week or month, which a frame has as its first moment.
        return value.date().isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float) else str(value)


def _csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().removesuffix("\n")


def _json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
        for row in rows
    ]
    return "[" + ",\n ".join(lines) + "]"


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    cells = [list(map(_cell, row)) for row in rows]
    columns = list(zip(names, *cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    are_numbers = [
        all(isinstance(row[place], int | float | None) for row in rows)
        for place in range(len(names))
    ]
    lines = [list(names), ["-" * width for width in widths], *cells]
    return "\n".join(_line(line, widths, are_numbers) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], are_numbers: Sequence[bool]) -> str:
    padded = [
        cell.rjust(width) if is_number else cell.ljust(width)
        for cell, width, is_number in zip(cells, widths, are_numbers, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _cell(value: Any) -> str:
    """Return a value as a terminal may show it: a log may hold commands for one."""
    if value is None:
        return "null"
    if isinstance(value, float):
        return shown_number(value) if value.is_integer() else f"{value:.6g}"
    text = str(value)
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
