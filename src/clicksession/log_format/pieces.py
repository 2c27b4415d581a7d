"""What a log format is made of: texts that stand in every line, and things that vary."""

from dataclasses import dataclass

__all__ = ["FormatError", "Piece", "Variable"]


class FormatError(ValueError):
    """A log format that cannot be read: what is wrong with it, and what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True)
class Variable:
    """Something that a server writes.

    Attributes
    ----------
    name
        The name of its column.
    spelled
        How the format says it, for messages.
    kind
        What its values are: ``"text"``; ``"words"``, a text that may hold blanks; ``"list"``, of
        texts between commas; ``"whole"`` or ``"decimal"``, numbers; ``"clients"``, an address or a
        list of them; ``"user"``; ``"request"``, the first line of a request; ``"time"``.
    pattern
        The form of its values, where it is known; else it follows from what stands after it.
    fixed
        Whether all values of the pattern are of one width.
    begins
        What its values begin with, where they are not empty.
    part
        Of a time, which part it is.
    strict
        What its values must be, beyond the form by which they are found: short texts are checked
        faster by themselves than in the middle of a line.
    """

    name: str
    spelled: str
    kind: str = "text"
    pattern: str = ""
    fixed: bool = False
    begins: str = ""
    part: str = ""
    strict: str = ""


Piece = str | Variable
"""A text that stands in every line, or something that varies."""
