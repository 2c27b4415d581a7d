"""Sessions as window expressions: the definition for every engine that arrays do not reach.

Written once, in the `words` that each engine and database spells. All windows are over the
events of one user in order, so that an engine sorts, and a cluster shuffles, once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clicksession.errors import UnsupportedRuleError
from clicksession.rules import Rules, reasons
from clicksession.windows import zones
from clicksession.windows.words import Column, Frame, Window, Words

__all__ = ["ADDED", "added_columns", "sessions", "unsupported"]

#: The columns that events get.
ADDED = ("session_id", "session_index", "start_reason")

# The events of a cause: by their type, or by a boolean column; and the reason that they give.
Causes = list[tuple[str | None, str | None, str]]

_LARGEST = 2**63 - 1
_MICROSECOND = 1000


def added_columns(rules: Rules, names: Collection[str]) -> tuple[str, ...]:
    """Return the columns that events of these columns get by these rules.

    Where a pause is all that ends a session, its ordinal says why it began; a reason by other
    rules is replaced all the same.
    """
    explains = not rules.has_timeout_only or "start_reason" in names
    return ADDED if explains else ADDED[:2]


def unsupported(rules: Rules, engine: str, way_out: str) -> None:
    """Refuse rules that window expressions cannot say.

    Raises
    ------
    UnsupportedRuleError
        A rule needs to know where the session at hand began.
    """
    for rule in rules.sequential:
        raise UnsupportedRuleError(rule, engine, way_out)


def sessions(words: Words, events: Frame, rules: Rules, *, user: str, time: str) -> Frame:
    """Return the events with the session of each, as lazy as they were.

    Parameters
    ----------
    words
        What the engine of the events says things with.
    events
        A frame or query of that engine.
    rules
        What ends a session; none that `unsupported` refuses.
    user, time
        The columns that say whose event it is and when it happened.
    """
    return _Plan(words, rules, user, time, tuple(words.names(events))).applied(events)


@dataclass(frozen=True)
class _Plan:
    """The steps from events to sessions; each looks at the columns of the one before."""

    words: Words
    rules: Rules
    user: str
    time: str
    taken: tuple[str, ...]

    def applied(self, events: Frame) -> Frame:
        """Return the events with their sessions."""
        unit = self.words.nanoseconds_per_unit(events, self.time)
        frame, order = self._in_order(events)
        frame = self.words.step(frame, "known", self._known(frame, unit))
        frame = self._as_compared(frame, unit)
        if self._delimiting:
            frame = self._delimited(frame, order)
        if self.rules.midnight:
            frame = self._dated(frame, self.rules.midnight)
        frame = self.words.step(frame, "ordered", self._ordered(frame, order, unit))
        if self._carries:
            frame = self._with_values_carried(frame, order, unit)
        frame = self.words.step(frame, "marked", self._marked(frame, unit))
        window = self._window(frame, order)
        frame = self.words.step(frame, "numbered", self._numbered(frame, window))
        frame = self._told_apart(frame, order, unit)
        return self.words.chosen(frame, self._result(frame))

    # What the steps are called and look at.

    def _own(self, name: str) -> str:
        """Return the name of a column of ours: one that the events do not have."""
        while name in self.taken:
            name += "_"
        return name

    def _get(self, frame: Frame, name: str) -> Column:
        return self.words.column(frame, self._own(name))

    def _named(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        return {self._own(name): column for name, column in columns.items()}

    def _window(self, frame: Frame, order: tuple[str, ...], *, delimiters: bool = False) -> Window:
        """The events of a user that can be of a session, in order; or the delimiters as well."""
        whose = [self.words.whose(frame, self.user), self._get(frame, "counts")]
        if self._delimiting and not delimiters:
            whose.append(self._get(frame, "is_delimiter"))
        if self._own("place") in self.words.names(frame):
            return Window(tuple(whose), (self._get(frame, "place"),))
        ties = [key for name in order for key in self.words.rank(frame, name)]
        return Window(tuple(whose), (self._get(frame, "instant"), *ties))

    def _in_order(self, events: Frame) -> tuple[Frame, tuple[str, ...]]:
        """Return the events, and the columns that say which of two at one time comes first.

        An engine whose rows have no order has no first of two: there the columns that the rules
        look at decide, so that what comes out depends on nothing else. Where rules look at times
        alone it makes no difference.
        """
        ids = ("event_id",) if "event_id" in self.taken and self.rules.columns else ()
        numbered = self.words.numbered(events, self._own("row_number"))
        if numbered is not None:
            return numbered, (*ids, self._own("row_number"))
        return events, tuple(dict.fromkeys((*ids, *self.rules.columns)))

    def _place(self, window: Window) -> dict[str, Column]:
        """The place of each event among those of its user, for the windows that follow.

        Each window puts events that tie into an order of its own choice; by their places there is
        one order for all.
        """
        return {"place": self.words.row_number(window)}

    # The steps.

    def _known(self, events: Frame, unit: int) -> dict[str, Column]:
        """What can be said of each event by itself."""
        words, rules = self.words, self.rules
        missing = words.is_null(words.column(events, self.user))
        missing |= words.is_null(words.column(events, self.time))
        for kind, column, _ in _causes(rules, "excluded"):
            missing |= self._is_of(events, kind, column)
        # Rows that do not count form partitions of their own: no gap is measured across them.
        columns = {
            "counts": words.case([(missing, words.value(0))], words.value(1)),
            "instant": words.instant(events, self.time),
        }
        if unit != _MICROSECOND:
            columns["microsecond"] = words.microseconds(events, self.time)
        if rules.timeout_column:
            columns["own_timeout"] = words.duration(
                events, rules.timeout_column, self._compared(unit)[1]
            )
        if self._opening:
            columns["opens"] = self._code(events, self._opening)
        if self._closing:
            columns["closes"] = self._code(events, self._closing)
        if self._delimiting:
            columns["delimits"] = self._code(events, self._delimiting)
            columns["is_delimiter"] = self._flag(columns["delimits"] > words.value(0))
        for number, name in enumerate(rules.change):
            columns[f"value_{number}"] = words.given(events, name)
        return self._named(columns)

    def _as_compared(self, frame: Frame, unit: int) -> Frame:
        """The times as the rules compare them, and how long each event keeps its session open."""
        name, unit = self._compared(unit)
        columns = {}
        if name == "rounded":
            columns["rounded"] = self._rounded(self._get(frame, self._exact(frame, unit)), unit)
        if self.rules.timeout_column:
            columns["open_for"] = self._open_for(self._get(frame, "own_timeout"), unit)
        return self.words.step(frame, "compared", self._named(columns)) if columns else frame

    def _delimited(self, frame: Frame, order: tuple[str, ...]) -> Frame:
        """How many delimiters came so far, and what the latest one was."""
        words, window = self.words, self._window(frame, order, delimiters=True)
        if self._own("row_number") not in words.names(frame):
            frame = words.step(frame, "placed", self._named(self._place(window)))
            window = self._window(frame, order, delimiters=True)
        so_far = words.running_sum(self._get(frame, "is_delimiter"), window)
        frame = words.step(frame, "counted", self._named({"delimiters": so_far}))
        window, delimits = self._window(frame, order, delimiters=True), self._get(frame, "delimits")
        packed = self._get(frame, "delimiters") * words.value(len(self._reasons) + 1) + delimits
        packed = words.case([(delimits > words.value(0), packed)], None)
        latest = words.running_max(packed, window)
        return words.step(frame, "delimited", self._named({"latest_delimiter": latest}))

    def _dated(self, frame: Frame, zone: str) -> Frame:
        """The day of each event in a zone: when it began, by the clocks there."""
        local = self.words.local(self._microsecond(frame), zone)
        frame = self.words.step(frame, "local", self._named({"local_time": local}))
        local = self._get(frame, "local_time")
        day = local - self.words.above_multiple(local, zones.DAY)
        return self.words.step(frame, "dated", self._named({"day": day}))

    def _ordered(self, frame: Frame, order: tuple[str, ...], unit: int) -> dict[str, Column]:
        """What the event before had."""
        window = self._window(frame, order)
        looked_at = ["instant", "rounded", "day", "closes", "delimiters"]
        if not self._carries:
            looked_at += [f"value_{number}" for number in range(len(self.rules.change))]
        names = self.words.names(frame)
        there = [name for name in looked_at if self._own(name) in names]
        columns = {
            f"previous_{name}": self.words.previous(self._get(frame, name), window)
            for name in there
        }
        if self._own("place") not in names and self._own("row_number") not in names:
            columns.update(self._place(window))
        if self.rules.timeout_column:
            columns["open_until"] = self.words.earlier_max(self._open_until(frame, unit), window)
        return self._named(columns)

    def _with_values_carried(self, frame: Frame, order: tuple[str, ...], unit: int) -> Frame:
        """Let a value that is followed by none count on, up to the next pause."""
        words, values = self.words, range(len(self.rules.change))
        zero, one = words.value(0), words.value(1)
        window = self._window(frame, order)
        runs = {}
        for number in values:
            fresh = self._opens_run(frame, unit) | ~words.is_null(self._get(frame, f"value_{number}"))
            runs[f"run_{number}"] = words.running_sum(words.case([(fresh, one)], zero), window)
        frame = words.step(frame, "run", self._named(runs))
        carried = {}
        for number in values:
            window = self._window(frame, order)
            whose = (*window.partition, self._get(frame, f"run_{number}"))
            value = self._get(frame, f"value_{number}")
            # Where a run begins stands what counts on: a value, or none after a pause.
            carried[f"carried_{number}"] = words.first(value, Window(whose, window.order))
        frame = words.step(frame, "carried", self._named(carried))
        window = self._window(frame, order)
        previous = {
            f"previous_value_{number}": words.previous(
                self._get(frame, f"carried_{number}"), window
            )
            for number in values
        }
        return words.step(frame, "changed", self._named(previous))

    def _marked(self, frame: Frame, unit: int) -> dict[str, Column]:
        """Why a session begins here, as the number of the reason; 0 where none does."""
        words = self.words
        cases = [(words.is_null(self._get(frame, "previous_instant")), reasons.FIRST)]
        if self.rules.timeout is not None:
            cases.append((self._gap_is_too_long(frame, unit), reasons.TIMEOUT))
        if self.rules.midnight:
            day, before = self._get(frame, "day"), self._get(frame, "previous_day")
            cases.append((day != before, reasons.MIDNIGHT))
        for number, name in enumerate(self.rules.change):
            cases.append((self._changes(frame, number), reasons.change_of(name)))
        numbered = [(condition, words.value(self._number(why))) for condition, why in cases]
        if self._opening:
            opens = self._get(frame, "opens")
            numbered.append((opens > words.value(0), opens))
        if self._delimiting:
            some = self._get(frame, "delimiters") != self._get(frame, "previous_delimiters")
            latest = self._get(frame, "latest_delimiter")
            numbered.append((some, words.remainder(latest, len(self._reasons) + 1)))
        if self._closing:
            closes = self._get(frame, "previous_closes")
            numbered.append((closes > words.value(0), closes))
        return self._named({"begins": words.case(numbered, words.value(0))})

    def _numbered(self, frame: Frame, window: Window) -> dict[str, Column]:
        """The ordinal and the start of the session of each event."""
        words = self.words
        begins = self._get(frame, "begins") > words.value(0)
        starts = words.case([(begins, words.value(1))], words.value(0))
        started = words.case([(begins, self._microsecond(frame))], None)
        return self._named(
            {
                "ordinal": words.running_sum(starts, window),
                # Sessions start one after the other: the latest start is the greatest.
                "started": words.running_max(started, window),
            }
        )

    def _told_apart(self, frame: Frame, order: tuple[str, ...], unit: int) -> Frame:
        """Say which reason each session has, and which start in one microsecond."""
        words, window, columns = self.words, self._window(frame, order), {}
        begins, ordinal = self._get(frame, "begins"), self._get(frame, "ordinal")
        if self._explains:
            # The ordinal grows from session to session, so that the greatest is the latest.
            packed = ordinal * words.value(len(self._reasons) + 1) + begins
            packed = words.case([(begins > words.value(0), packed)], None)
            columns["explained"] = words.running_max(packed, window)
        if self._two_may_start_at_once(unit):
            columns["previous_started"] = words.previous(self._get(frame, "started"), window)
        if not columns:
            return frame
        frame = words.step(frame, "explained", self._named(columns))
        if not self._two_may_start_at_once(unit):
            return frame
        window = self._window(frame, order)
        before, started = self._get(frame, "previous_started"), self._get(frame, "started")
        alone = words.is_null(before) | (before != started)
        first = (self._get(frame, "begins") > words.value(0)) & alone
        base = words.running_max(words.case([(first, self._get(frame, "ordinal"))], None), window)
        return words.step(frame, "told_apart", self._named({"first_ordinal": base}))

    def _result(self, frame: Frame) -> dict[str, Column]:
        """The columns of the events, and what is added."""
        words = self.words
        has_session = self._get(frame, "counts") == words.value(1)
        if self._delimiting:
            has_session &= self._get(frame, "is_delimiter") == words.value(0)
        ordinal = self._get(frame, "ordinal")
        whose = words.text(words.column(frame, self.user))
        id_ = words.joined(whose, words.value(":"), words.text(self._get(frame, "started")))
        if self._own("first_ordinal") in words.names(frame):
            count = ordinal - self._get(frame, "first_ordinal") + words.value(1)
            suffixed = words.joined(id_, words.value("."), words.text(count))
            id_ = words.case([(count > words.value(1), suffixed)], id_)
        columns = {name: words.column(frame, name) for name in self.taken if name not in ADDED}
        columns["session_id"] = words.case([(has_session, id_)], None)
        columns["session_index"] = words.case([(has_session, ordinal)], None)
        if self._explains:
            columns["start_reason"] = words.case([(has_session, self._explanation(frame))], None)
        return columns

    # What the steps are made of.

    def _gap_is_too_long(self, frame: Frame, unit: int) -> Column:
        """Say whether the event comes too long after the one before; null for the first."""
        name, unit = self._compared(unit)
        now = self._get(frame, name)
        if self.rules.timeout_column:
            return now > self._get(frame, "open_until")
        before = self._get(frame, f"previous_{name}")
        longest = self.words.value(min(self.rules.longest_gap(unit), _LARGEST))
        if unit != 1:
            return now - before > longest
        # Nanoseconds six centuries apart do not fit 64 bits; with a sign on its side, each does.
        flag = self._flag
        negative = [(now < self.words.value(0), flag(now - before > longest))]
        return self.words.case(negative, flag(before < now - longest)) == self.words.value(1)

    def _flag(self, condition: Column) -> Column:
        return self.words.case([(condition, self.words.value(1))], self.words.value(0))

    def _opens_run(self, frame: Frame, unit: int) -> Column:
        """Say whether the event comes after a pause, or is the first."""
        first = self.words.is_null(self._get(frame, "previous_instant"))
        return first if self.rules.timeout is None else first | self._gap_is_too_long(frame, unit)

    def _compared(self, unit: int) -> tuple[str, int]:
        """Return the column that gaps are between, and the nanoseconds of one count of it."""
        name = "instant"
        if self.rules.timeout_column and unit > _MICROSECOND:
            # Own timeouts can be finer than the times.
            name, unit = "microsecond", _MICROSECOND
        rounds = self.rules.rounded == "times" and self._step_of_rounding(unit) > 1
        return "rounded" if rounds else name, unit

    def _exact(self, frame: Frame, unit: int) -> str:
        """Return the column that has the times in this unit, and not rounded."""
        fine = unit == _MICROSECOND and self._own("microsecond") in self.words.names(frame)
        return "microsecond" if fine else "instant"

    def _open_for(self, own: Column, unit: int) -> Column:
        """Return how long after each event a next one may come: `Rules.longest_gap` of its own."""
        words, rules = self.words, self.rules
        longest = own if rules.at_timeout == "same" else own - words.value(1)
        step = self._step_of_rounding(unit)
        if rules.rounded == "gap" and step > 1:
            steps = longest - words.above_multiple(longest, step)
            longest = steps + words.value(step - 1)
            if rules.rounding == "nearest":
                odd = self._flag(words.above_multiple(steps, 2 * step) != words.value(0))
                longest = steps + words.value(step // 2) - odd
        others = words.value(min(rules.longest_gap(unit), _LARGEST // 2))
        return words.case([(words.is_null(own), others)], longest)

    def _open_until(self, frame: Frame, unit: int) -> Column:
        """Return until when each event keeps its session open; to the end of time at most."""
        name, _ = self._compared(unit)
        now, longest = self._get(frame, name), self._get(frame, "open_for")
        end = self.words.value(_LARGEST)
        return self.words.case([(now > end - longest, end)], now + longest)

    def _changes(self, frame: Frame, number: int) -> Column:
        """Say whether a value differs from the one before, as the rules take none."""
        is_null = self.words.is_null
        now = self._get(frame, f"value_{number}")
        before = self._get(frame, f"previous_value_{number}")
        changes = ~is_null(now) & ~is_null(before) & (now != before)
        if self.rules.change_from_empty:
            changes |= is_null(before) & ~is_null(now)
        if self.rules.change_to_empty:
            changes |= is_null(now) & ~is_null(before)
        return changes

    def _rounded(self, instant: Column, unit: int) -> Column:
        """Return an instant at the resolution at which the rules compare."""
        words, value, step = self.words, self.words.value, self._step_of_rounding(unit)
        down = instant - self.words.above_multiple(instant, step)
        if self.rules.rounding == "down":
            return down
        rest = self.words.above_multiple(instant, step)
        odd = self.words.above_multiple(down, 2 * step) != value(0)
        twice = rest + rest
        # A half goes to the even neighbour.
        up = (twice > value(step)) | ((twice == value(step)) & odd)
        return words.case([(up, down + value(step))], down)

    def _code(self, events: Frame, causes: Causes) -> Column:
        conditions = [
            (self._is_of(events, kind, column), self.words.value(self._number(why)))
            for kind, column, why in causes
        ]
        return self.words.case(conditions, self.words.value(0))

    def _is_of(self, events: Frame, kind: str | None, column: str | None) -> Column:
        if column is not None:
            return self.words.is_true(events, column)
        assert kind is not None
        return self.words.whose(events, self.rules.type_column) == self.words.value(kind)

    def _microsecond(self, frame: Frame) -> Column:
        there = self._own("microsecond") in self.words.names(frame)
        return self._get(frame, "microsecond" if there else "instant")

    def _explanation(self, frame: Frame) -> Column:
        """Return the reason of an event's session, as text."""
        words = self.words
        packed = self._get(frame, "explained")
        number = words.remainder(packed, len(self._reasons) + 1)
        texts = [
            (number == words.value(self._number(why)), words.value(why)) for why in self._reasons
        ]
        return words.case(texts, None)

    # What the rules come to.

    @cached_property
    def _opening(self) -> Causes:
        return _causes(self.rules, "start")

    @cached_property
    def _delimiting(self) -> Causes:
        return [(*which, reasons.after(why)) for *which, why in _causes(self.rules, "delimiter")]

    @cached_property
    def _closing(self) -> Causes:
        return [(*which, reasons.after(why)) for *which, why in _causes(self.rules, "end")]

    @cached_property
    def _reasons(self) -> list[str]:
        """Every reason that a session can have, each once; its number is its place, from 1 on."""
        changes = map(reasons.change_of, self.rules.change)
        events = [why for *_, why in (*self._opening, *self._delimiting, *self._closing)]
        all_of_them = (reasons.FIRST, reasons.TIMEOUT, reasons.MIDNIGHT, *changes, *events)
        return list(dict.fromkeys(all_of_them))

    def _number(self, why: str) -> int:
        return self._reasons.index(why) + 1

    @property
    def _explains(self) -> bool:
        return "start_reason" in added_columns(self.rules, self.taken)

    @property
    def _carries(self) -> bool:
        return bool(self.rules.change) and not self.rules.change_to_empty

    def _step_of_rounding(self, unit: int) -> int:
        return self.rules.resolution_in_nanoseconds // unit

    def _two_may_start_at_once(self, unit: int) -> bool:
        """Say whether two sessions of a user can start in one microsecond."""
        # By times alone they start a timeout or a midnight apart.
        return bool(self.rules.columns) or unit < _MICROSECOND


def _causes(rules: Rules, kind: str) -> Causes:
    """Return the events of a kind (``"start"``, …): by type or by column, and the reason."""
    column = getattr(rules, f"{kind}_column")
    causes: Causes = [(each, None, reasons.event(each)) for each in getattr(rules, f"{kind}_events")]
    return [*causes, (None, column, reasons.column(column))] if column else causes
