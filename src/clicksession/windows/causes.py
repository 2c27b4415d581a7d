"""The reasons that rules can give, as numbers: windows carry numbers on, not texts."""

from dataclasses import dataclass
from functools import cached_property

from clicksession.rules import Rules, reasons
from clicksession.windows.words import Column, Frame, Words

__all__ = ["Cause", "Causes", "causes_of"]


@dataclass(frozen=True)
class Cause:
    """Events of one kind: those of a type, or those that a boolean column marks."""

    event_type: str | None
    column: str | None
    reason: str


def causes_of(rules: Rules, kind: str) -> list[Cause]:
    """Return the events of a kind (``"start"``, …), with those of a type first."""
    types, column = rules.names(f"{kind}_events"), getattr(rules, f"{kind}_column")
    causes = [Cause(each, None, reasons.event(each)) for each in types]
    return [*causes, Cause(None, column, reasons.column(column))] if column else causes


@dataclass(frozen=True)
class Causes:
    """What begins a session by some rules, beside pauses, days and changes."""

    words: Words
    rules: Rules

    @cached_property
    def opening(self) -> list[Cause]:
        """The events that start a session."""
        return causes_of(self.rules, "start")

    @cached_property
    def delimiting(self) -> list[Cause]:
        """The events after which a session starts, and which belong to none."""
        return self._after("delimiter")

    @cached_property
    def closing(self) -> list[Cause]:
        """The events after which a session starts."""
        return self._after("end")

    @cached_property
    def reasons(self) -> list[str]:
        """Every reason that a session can have, each once."""
        changes = map(reasons.change_of, self.rules.names("change"))
        events = [cause.reason for cause in (*self.opening, *self.delimiting, *self.closing)]
        given = (reasons.GIVEN,) if self.rules.session_column else ()
        all_of_them = (reasons.FIRST, *given, reasons.TIMEOUT, reasons.MIDNIGHT, *changes, *events)
        return list(dict.fromkeys(all_of_them))

    def number(self, reason: str) -> Column:
        """Return the number of a reason, from 1 on."""
        return self.words.value(self.reasons.index(reason) + 1)

    def number_of(self, events: Frame, causes: list[Cause]) -> Column:
        """Return the number of the first of these causes that an event is; 0 for none."""
        cases = [(self.is_of(events, cause), self.number(cause.reason)) for cause in causes]
        return self.words.case(cases, self.words.value(0))

    def is_of(self, events: Frame, cause: Cause) -> Column:
        """Say whether an event is of a kind; null where that is not known."""
        if cause.event_type is None:
            assert cause.column is not None
            return self.words.is_true(events, cause.column)
        event_type = self.words.whose(events, self.rules.type_column)
        return event_type == self.words.value(cause.event_type)

    def packed(self, ordinal: Column, number: Column) -> Column:
        """Return a number that grows with the ordinal, and has that of a reason in it."""
        return ordinal * self.words.value(len(self.reasons) + 1) + number

    def unpacked(self, packed: Column) -> Column:
        """Return the number of the reason that `packed` put in."""
        return self.words.remainder(packed, len(self.reasons) + 1)

    def text(self, packed: Column) -> Column:
        """Return the reason that `packed` put in."""
        number = self.unpacked(packed)
        texts = [(number == self.number(each), self.words.value(each)) for each in self.reasons]
        return self.words.case(texts, None)

    def _after(self, kind: str) -> list[Cause]:
        return [
            Cause(cause.event_type, cause.column, reasons.after(cause.reason))
            for cause in causes_of(self.rules, kind)
        ]
