"""The exception tree: every error holds its facts and writes its own sentence.

All of them are `ClicksessionError`; each is also the built-in exception that
Python users would expect, and each survives pickling, because its ``args``
are its facts.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

__all__ = [
    "BadRowError",
    "ClicksessionError",
    "MissingExtraError",
    "NoRoomError",
    "NotFoundWarning",
    "NothingFoundError",
    "ParameterError",
    "ReadError",
    "RulesChangedError",
    "SchemaError",
    "SourceNotFoundError",
    "TargetBusyError",
    "UnknownNameError",
    "UnknownParameterError",
    "UnsupportedDialectError",
    "UnsupportedRuleError",
    "WriteError",
]


# How many of the event types that occur a message names.
_SHOWN = 10


class ClicksessionError(Exception):
    """The root of every error that this library raises on purpose."""


class ParameterError(ClicksessionError, ValueError):
    """An argument that cannot be used: who was called, which parameter, what it must be."""

    def __init__(self, who: str, parameter: str, must: str, got: object, hint: str = "") -> None:
        super().__init__(who, parameter, must, got, hint)
        self.who, self.parameter, self.must, self.got, self.hint = who, parameter, must, got, hint

    def __str__(self) -> str:
        sentence = f"{self.who}: `{self.parameter}` must be {self.must}; got {self.got!r}."
        return f"{sentence} {self.hint}" if self.hint else sentence

    def said_by(self, who: str) -> "ParameterError":
        """Return the error as that of another caller."""
        return ParameterError(who, self.parameter, self.must, self.got, self.hint)


class UnknownNameError(ClicksessionError, LookupError):
    """A name that nothing is registered under, with the nearest one that is."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        self.kind, self.name, self.known, self.hint = kind, name, tuple(sorted(known)), hint
        super().__init__(kind, name, self.known, hint)

    def __str__(self) -> str:
        return " ".join(
            part
            for part in (
                f"there is no {self.kind} called {self.name!r}.",
                did_you_mean(self.name, self.known),
                f"Known: {', '.join(self.known)}.",
                self.hint,
            )
            if part
        )


class UnknownParameterError(ClicksessionError, TypeError):
    """A keyword that what was called does not take, with the nearest one that it does."""

    def __init__(self, who: str, name: str, known: Iterable[str]) -> None:
        self.who, self.name, self.known = who, name, tuple(known)
        super().__init__(who, name, self.known)

    def __str__(self) -> str:
        sentence = f"{self.who}: there is no parameter {self.name!r}."
        return f"{sentence} {did_you_mean(self.name, self.known) or self._all}"

    @property
    def _all(self) -> str:
        return f"Known: {', '.join(self.known)}."


class NothingFoundError(ClicksessionError, LookupError):
    """A metric that names events of which none occurs, with those that do, the most first."""

    def __init__(
        self,
        who: str,
        parameter: str,
        looked_for: Iterable[str],
        occurring: Iterable[tuple[str | None, int]],
        hint: str = "",
    ) -> None:
        self.who, self.parameter, self.hint = who, parameter, hint
        self.looked_for, self.occurring = tuple(looked_for), tuple(occurring)
        super().__init__(who, parameter, self.looked_for, self.occurring, hint)

    def __str__(self) -> str:
        named = " or ".join(map(repr, self.looked_for))
        sought = f"looks for {named} events" if named else "looks for the types of events"
        found = [
            f"{'no type' if kind is None else repr(kind)} ({count:,})"
            for kind, count in self.occurring[:_SHOWN]
        ]
        more = len(self.occurring) - len(found)
        others = f" and {more} more" if more > 0 else ""
        return " ".join(
            part
            for part in (
                f"{self.who}: `{self.parameter}` {sought}, and no event in a session is one.",
                f"Those that occur: {', '.join(found)}{others}." if found else "",
                self.hint,
            )
            if part
        )


class NotFoundWarning(UserWarning):
    """Some of the events that a metric or `summarize` names do not occur; it counts the others."""


class MissingExtraError(ClicksessionError, ImportError):
    """A package that an optional part needs is not installed."""

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(purpose, package, extra)
        self.purpose, self.package, self.extra = purpose, package, extra

    def __str__(self) -> str:
        return (
            f"{self.purpose} needs the package {self.package!r}, which is not installed. "
            f'Type: pip install "clicksession[{self.extra}]"'
        )


class ReadError(ClicksessionError, OSError):
    """A source that cannot be read: which one, at which place, why, and what to do."""

    def __init__(self, source: str, reason: str, hint: str = "", place: str = "") -> None:
        super().__init__(source, reason, hint, place)
        self.source, self.reason, self.hint, self.place = source, reason, hint, place

    def __str__(self) -> str:
        where = f"{self.source}, {self.place}" if self.place else self.source
        sentence = f"{where}: {self.reason.rstrip('.')}."
        return f"{sentence} {self.hint}" if self.hint else sentence


class SourceNotFoundError(ReadError, FileNotFoundError):
    """A file, object, bucket or pattern that leads to nothing."""


class BadRowError(ReadError, ValueError):
    """A line, element or record that is no event."""


class SchemaError(ReadError, ValueError):
    """A source without a column that the schema maps or the library requires."""


class UnsupportedDialectError(ClicksessionError, NotImplementedError):
    """A database that cannot say what was asked, so that nothing is guessed."""

    def __init__(self, construct: str, dialect: str, hint: str = "") -> None:
        super().__init__(construct, dialect, hint)
        self.construct, self.dialect, self.hint = construct, dialect, hint

    def __str__(self) -> str:
        sentence = f"{self.construct} has no exact form in the dialect {self.dialect!r} yet."
        return f"{sentence} {self.hint}" if self.hint else sentence


class UnsupportedRuleError(ClicksessionError, NotImplementedError):
    """Rules that an engine cannot follow exactly: which rule, which engine, and the way out."""

    def __init__(self, rule: str, engine: str, hint: str = "") -> None:
        super().__init__(rule, engine, hint)
        self.rule, self.engine, self.hint = rule, engine, hint

    def __str__(self) -> str:
        sentence = f"the rule `{self.rule}` cannot be followed exactly by {self.engine}."
        return f"{sentence} {self.hint}" if self.hint else sentence


class WriteError(ClicksessionError, RuntimeError):
    """A write that was refused or rolled back: the table, why, and what to do.

    `unsure` says that nobody can know whether it was written: the database went away while it
    was committing. `kept` says what was committed before, and stays.
    """

    def __init__(
        self, table: str, reason: str, hint: str = "", unsure: bool = False, kept: str = ""
    ) -> None:
        super().__init__(table, reason, hint, unsure, kept)
        self.table, self.reason, self.hint, self.unsure = table, reason, hint, unsure
        self.kept = kept

    def __str__(self) -> str:
        what = "What came after that" if self.kept else "It"
        outcome = f"{what} may or may not have been written"
        if not self.unsure:
            outcome = "Nothing else was written" if self.kept else "Nothing was written"
        sentences = (f"{self.reason.rstrip('.?! ')}.", self.kept, f"{outcome}.", self.hint)
        return f"table {self.table!r}: {' '.join(filter(None, sentences))}"

    def having_kept(self, kept: str) -> Self:
        """Return the same error of a call that had committed something before."""
        kept = f"{kept} {self.kept}".rstrip()
        return type(self)(self.table, self.reason, self.hint, self.unsure, kept)


class NoRoomError(WriteError):
    """A write for which a disk had no room: the target's, or that of the temporary files."""


class TargetBusyError(WriteError):
    """A target that another writer is at work on."""


class RulesChangedError(WriteError):
    """A target whose sessions were cut by other rules, or whose events came by another schema."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known name, or nothing.

    Examples
    --------
    >>> did_you_mean("jsnl", ["csv", "jsonl"])
    "Did you mean 'jsonl'?"
    >>> did_you_mean("xyz", ["csv", "jsonl"])
    ''
    """
    near = get_close_matches(name, list(known), n=1)
    return f"Did you mean {near[0]!r}?" if near else ""
