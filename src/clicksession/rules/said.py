"""What is said of the end of a session: the fields of `Rules`, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Literal, cast

__all__ = ["COLUMNS", "EVENT_KINDS", "MARKS", "Said"]

# What an event can be to the rules, beside one that counts: each has event types and a column.
EVENT_KINDS = ("start", "end", "delimiter", "excluded")

Boundary = Literal["same", "new"]

_LIMITS = ("max_duration", "max_events", "max_rate")
# The fields that name one column.
COLUMNS = (
    "session_column",
    "timeout_column",
    "change_from_column",
    "start_column",
    "end_column",
    "delimiter_column",
    "excluded_column",
)
# What says of single events where sessions end.
MARKS = tuple(
    f"{kind}_{by}" for kind in ("start", "end", "delimiter") for by in ("events", "column")
)
# What can end a session.
_ENDINGS = {"timeout", "session_column", *_LIMITS, "midnight", "change", *MARKS}


@dataclass(frozen=True)
class Said:
    """The fields of `Rules`, which explains and checks them."""

    timeout: str | timedelta | None = "30min"
    at_timeout: Boundary = "same"
    resolution: Literal["exact", "second", "minute"] = field(default="exact", kw_only=True)
    rounding: Literal["down", "nearest"] = field(default="down", kw_only=True)
    rounded: Literal["gap", "times"] = field(default="gap", kw_only=True)
    measured_from: Literal["previous", "start", "start_by_hour"] = field(
        default="previous", kw_only=True
    )
    timeout_column: str | None = field(default=None, kw_only=True)
    session_column: str | None = field(default=None, kw_only=True)
    max_duration: str | timedelta | None = field(default=None, kw_only=True)
    at_max_duration: Boundary = field(default="same", kw_only=True)
    max_events: int | None = field(default=None, kw_only=True)
    at_max_events: Boundary = field(default="same", kw_only=True)
    max_rate: tuple[int, str | timedelta] | None = field(default=None, kw_only=True)
    midnight: str | None = field(default=None, kw_only=True)
    change: str | Sequence[str] = field(default=(), kw_only=True)
    change_from_empty: bool = field(default=True, kw_only=True)
    change_to_empty: bool = field(default=False, kw_only=True)
    change_memory: Literal["pause", "session"] = field(default="pause", kw_only=True)
    change_from_column: str | None = field(default=None, kw_only=True)
    start_events: str | Sequence[str] = field(default=(), kw_only=True)
    start_column: str | None = field(default=None, kw_only=True)
    end_events: str | Sequence[str] = field(default=(), kw_only=True)
    end_column: str | None = field(default=None, kw_only=True)
    delimiter_events: str | Sequence[str] = field(default=(), kw_only=True)
    delimiter_column: str | None = field(default=None, kw_only=True)
    between: bool = field(default=False, kw_only=True)
    excluded_events: str | Sequence[str] = field(default=(), kw_only=True)
    excluded_column: str | None = field(default=None, kw_only=True)
    type_column: str = field(default="event_type", kw_only=True)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rules look at, beside the user, the time and ``event_id``."""
        types = any(self.names(f"{kind}_events") for kind in EVENT_KINDS)
        named = [getattr(self, name) for name in COLUMNS]
        names = (self.type_column if types else None, *named, *self.names("change"))
        return tuple(dict.fromkeys(name for name in names if name))

    def names(self, rule: str) -> tuple[str, ...]:
        """Return the names that a rule lists, such as ``"change"`` or ``"start_events"``.

        Examples
        --------
        >>> from clicksession import Rules
        >>> Rules(change="utm_campaign").names("change")
        ('utm_campaign',)
        """
        return cast(tuple[str, ...], getattr(self, rule))

    @property
    def has_timeout_only(self) -> bool:
        """Whether a pause is all that ends a session, so that its ordinal says why it began."""
        return not set(self.given()) & _ENDINGS - {"timeout"}

    @property
    def gaps_decide(self) -> bool:
        """Whether sessions end exactly where a gap is longer than `longest_gap`.

        Then more events can make sessions longer or join them, and never split one.
        """
        others = set(self.given()) - {"timeout", "at_timeout", "resolution", "rounding"}
        return self.timeout is not None and not others - {"type_column"}

    @property
    def order_decides(self) -> bool:
        """Whether it matters which of two events of one moment comes first."""
        deciding = (*MARKS, "change", "max_events", "max_rate")
        return any(getattr(self, name) for name in deciding)

    @property
    def sequential(self) -> tuple[str, ...]:
        """The rules that need to know where the session at hand began, by their names.

        They need a pass over the user's events in order: window expressions cannot say them.
        """
        needed = {
            "measured_from": self.measured_from != "previous",
            "change_memory": self.change_memory == "session",
            **{name: bool(getattr(self, name)) for name in _LIMITS},
        }
        return tuple(name for name, is_so in needed.items() if is_so)

    @property
    def unbounded(self) -> tuple[str, ...]:
        """The rules by which an event can change sessions beyond the next pause, by their names.

        Where there are none, all that an event can change lies between two pauses of its user, in
        which no event is: its gap-bounded run. Pauses are those by `longest_pause`.
        """
        if self.timeout is None:
            return ("timeout",)
        far = {
            # A session of another value can lie around any pause.
            "session_column": self.session_column is not None,
            # A start long ago decides whether an event lies between that and the next end.
            "between": self.between,
            "measured_from": self.measured_from != "previous",
            # How far an event of such a log reaches is in the data, not in the rules.
            "timeout_column": self.timeout_column is not None,
        }
        return tuple(name for name, is_so in far.items() if is_so)

    def given(self) -> dict[str, Any]:
        """Return what is not left at its default, and the timeout."""
        values = {each.name: (getattr(self, each.name), each.default) for each in fields(self)}
        return {
            name: value
            for name, (value, default) in values.items()
            if name == "timeout" or value != default
        }
