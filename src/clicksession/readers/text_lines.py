"""Formats in which every line is an event: its text, and what to say where it is none."""

import pyarrow as pa

from clicksession.errors import BadRowError
from clicksession.readers.blocks import Block

__all__ = ["bad_line", "lines_of"]

_SHOWN = 80


def lines_of(block: Block, source: str) -> pa.Array:
    """Return the lines of a block that are not blank, as text without what ends them."""
    lines = [line.removesuffix(b"\r") for line in block.content.split(b"\n") if line.strip()]
    try:
        return pa.array(lines, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        bad = next(row for row, line in enumerate(lines) if not _is_text(line))
        raise bad_line(source, block.line_numbers()[bad], "is not UTF-8") from None


def bad_line(source: str, number: int, reason: str, line: str = "") -> BadRowError:
    """Return the error that names a line and shows its beginning."""
    shown = line[:_SHOWN].strip()
    if shown:
        reason = f"{reason}: {shown}{'…' if len(line) > _SHOWN else ''}"
    hint = "Repair or remove it; a file of another format needs format=…"
    return BadRowError(source, f"it {reason}", hint, f"line {number}")


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
