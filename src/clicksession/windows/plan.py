"""Sessions as window expressions: the definition for every engine that arrays do not reach.

Written once, in the `words` that each engine and database spells. All windows are over the
events of one user in order, so that an engine sorts, and a cluster shuffles, once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from clicksession.errors import UnsupportedRuleError
from clicksession.rules import Rules, reasons
from clicksession.windows import zones
from clicksession.windows.causes import Causes, causes_of
from clicksession.windows.gaps import MICROSECOND, Gaps
from clicksession.windows.words import Column, Frame, Window, Words, free_name

__all__ = ["ADDED", "added_columns", "sessions", "unsupported"]

#: The columns that events get.
ADDED = ("session_id", "session_index", "start_reason")


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
        gaps = Gaps(self.words, self.rules, unit)
        frame, order = self._in_order(events)
        frame = self.words.step(frame, "known", self._known(frame, gaps))
        frame = self._as_compared(frame, gaps)
        if self._causes.delimiting:
            frame = self._delimited(frame, order)
        if self.rules.between:
            frame = self._bounded(frame, order)
        if self.rules.midnight:
            frame = self._dated(frame, self.rules.midnight)
        frame = self.words.step(frame, "ordered", self._ordered(frame, order, gaps))
        if self._carries:
            frame = self._with_values_carried(frame, order, gaps)
        frame = self.words.step(frame, "marked", self._marked(frame, gaps))
        window = self._window(frame, order)
        frame = self.words.step(frame, "numbered", self._numbered(frame, window, unit))
        if self.rules.session_column:
            nth = {"nth": self._nth(frame)}
            frame = self.words.step(frame, "in_order", self._named(nth))
        frame = self._told_apart(frame, order, unit)
        return self.words.chosen(frame, self._result(frame))

    # What the steps are called and look at.

    def _own(self, name: str) -> str:
        """Return the name of a column of ours: one that the events do not have, in no spelling.

        To most engines names that differ in upper and lower case are one.
        """
        return free_name(name, self._taken_in_lower_case)

    @cached_property
    def _taken_in_lower_case(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.taken)

    def _get(self, frame: Frame, name: str) -> Column:
        return self.words.column(frame, self._own(name))

    def _has(self, frame: Frame, name: str) -> bool:
        return self._own(name) in self.words.names(frame)

    def _named(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        return {self._own(name): column for name, column in columns.items()}

    def _window(self, frame: Frame, order: tuple[str, ...], *, delimiters: bool = False) -> Window:
        """Return the events of a user that can be of a session, in order; or delimiters as well."""
        if self._times_decide:
            only = (self.words.whose(frame, self.user),)
            return Window(only, (self._get(frame, "instant"),), of_peers=True)
        whose = [self.words.whose(frame, self.user), self._get(frame, "counts")]
        if self.rules.session_column:
            whose.append(self.words.whose(frame, self._own("given")))
        if self._causes.delimiting and not delimiters:
            whose.append(self._get(frame, "is_delimiter"))
        if self._has(frame, "outside"):
            whose.append(self._get(frame, "outside"))
        if self._has(frame, "place"):
            return Window(tuple(whose), (self._get(frame, "place"),))
        ties = [key for name in order for key in self.words.rank(frame, name)]
        return Window(tuple(whose), (self._get(frame, "instant"), *ties))

    def _by_start(self, frame: Frame) -> Window:
        """Return the events of a user by the start of their session, then by what was given."""
        words = self.words
        begins = self._get(frame, "begins") > words.value(0)
        began = "began" if self._has(frame, "began") else "started"
        order = (
            self._get(frame, began),
            *words.rank(frame, self._own("given")),
            self._get(frame, "ordinal"),
            words.case([(begins, words.value(0))], words.value(1)),
        )
        whose = (words.whose(frame, self.user), self._get(frame, "counts"))
        return Window(whose, order)

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
        """Return the place of each event among those of its user, for the windows that follow.

        Each window puts events that tie into an order of its own choice; by their places there is
        one order for all.
        """
        return {"place": self.words.row_number(window)}

    # The steps.

    def _known(self, events: Frame, gaps: Gaps) -> dict[str, Column]:
        """Return what can be said of each event by itself."""
        words, rules = self.words, self.rules
        missing = words.is_null(words.column(events, self.user))
        missing |= words.lacks_instant(events, self.time)
        for excluded in causes_of(rules, "excluded"):
            missing |= self._causes.is_of(events, excluded)
        if rules.session_column:
            missing |= words.is_null(words.given(events, rules.session_column))
        # Rows that do not count form partitions of their own: no gap is measured across them.
        columns = {
            "counts": words.case([(missing, words.value(0))], words.value(1)),
            "instant": words.instant(events, self.time),
        }
        if gaps.resolution != MICROSECOND:
            columns["microsecond"] = words.microseconds(events, self.time)
        if rules.session_column:
            columns["given"] = words.text(words.column(events, rules.session_column))
        if rules.timeout_column:
            columns["own_timeout"] = words.duration(events, rules.timeout_column, gaps.unit)
        if self._causes.opening:
            columns["opens"] = self._causes.number_of(events, self._causes.opening)
        if self._causes.closing:
            columns["closes"] = self._causes.number_of(events, self._causes.closing)
        if self._causes.delimiting:
            columns["delimits"] = self._causes.number_of(events, self._causes.delimiting)
            columns["is_delimiter"] = words.flag(columns["delimits"] > words.value(0))
        for number, name in enumerate(rules.change):
            columns[f"value_{number}"] = words.given(events, name)
        return self._named(columns)

    def _as_compared(self, frame: Frame, gaps: Gaps) -> Frame:
        """Add the times as the rules compare them, and how long each event keeps a session open."""
        columns = {}
        if gaps.rounds_times:
            columns["rounded"] = gaps.rounded(self._get(frame, gaps.of))
        if self.rules.timeout_column:
            columns["open_for"] = gaps.open_for(self._get(frame, "own_timeout"))
        return self.words.step(frame, "compared", self._named(columns)) if columns else frame

    def _delimited(self, frame: Frame, order: tuple[str, ...]) -> Frame:
        """Add how many delimiters came so far, and what the latest one was."""
        words, window = self.words, self._window(frame, order, delimiters=True)
        if not self._has(frame, "row_number"):
            frame = words.step(frame, "placed", self._named(self._place(window)))
            window = self._window(frame, order, delimiters=True)
        so_far = words.running_sum(self._get(frame, "is_delimiter"), window)
        frame = words.step(frame, "counted", self._named({"delimiters": so_far}))
        window, delimits = self._window(frame, order, delimiters=True), self._get(frame, "delimits")
        packed = self._causes.packed(self._get(frame, "delimiters"), delimits)
        packed = words.case([(delimits > words.value(0), packed)], None)
        latest = words.running_max(packed, window)
        return words.step(frame, "delimited", self._named({"latest_delimiter": latest}))

    def _bounded(self, frame: Frame, order: tuple[str, ...]) -> Frame:
        """Add whether an event lies outside of all bounds, and what the starts that count open."""
        words, one, zero = self.words, self.words.value(1), self.words.value(0)
        if self._causes.delimiting:
            before = self._get(frame, "delimiters") == zero
            outside = words.case([(before, one)], zero)
            return words.step(frame, "bounded", self._named({"outside": outside}))
        window = self._window(frame, order)
        frame = words.step(frame, "placed", self._named({"nth_event": words.row_number(window)}))
        window, nth = self._window(frame, order), self._get(frame, "nth_event")
        opens, closes = (self._get(frame, name) > zero for name in ("opens", "closes"))
        latest = {
            "latest_start": words.earlier_max(words.case([(opens, nth)], None), window),
            "latest_end": words.earlier_max(words.case([(closes, nth)], None), window),
        }
        frame = words.step(frame, "bounds", self._named(latest))
        start, end = self._get(frame, "latest_start"), self._get(frame, "latest_end")
        opens = self._get(frame, "opens") > zero
        is_open = ~words.is_null(start) & (words.is_null(end) | (end < start))
        inside = [(opens, zero), (is_open, zero)]
        fresh = [(is_open, zero)]
        columns = {
            "outside": words.case(inside, one),
            "opens_bounds": words.case(fresh, self._get(frame, "opens")),
        }
        return words.step(frame, "bounded", self._named(columns))

    def _dated(self, frame: Frame, zone: str) -> Frame:
        """Add the day of each event in a zone: when it began, by the clocks there."""
        local = self.words.local(self._microsecond(frame), zone)
        frame = self.words.step(frame, "local", self._named({"local_time": local}))
        local = self._get(frame, "local_time")
        day = local - self.words.above_multiple(local, zones.DAY)
        return self.words.step(frame, "dated", self._named({"day": day}))

    def _ordered(self, frame: Frame, order: tuple[str, ...], gaps: Gaps) -> dict[str, Column]:
        """Return what the event before had."""
        window = self._window(frame, order)
        looked_at = ["instant", "rounded", "day", "closes", "delimiters"]
        if not self._carries:
            looked_at += [f"value_{number}" for number in range(len(self.rules.change))]
        there = [name for name in looked_at if self._has(frame, name)]
        columns = {
            f"previous_{name}": self.words.previous(self._get(frame, name), window)
            for name in there
        }
        has_one_order = self._has(frame, "place") or self._has(frame, "row_number")
        if not has_one_order and not self._times_decide:
            columns.update(self._place(window))
        if self.rules.timeout_column:
            now = self._get(frame, "rounded" if gaps.rounds_times else gaps.of)
            until = gaps.open_until(now, self._get(frame, "open_for"))
            columns["open_until"] = self.words.earlier_max(until, window)
        return self._named(columns)

    def _with_values_carried(self, frame: Frame, order: tuple[str, ...], gaps: Gaps) -> Frame:
        """Let a value that is followed by none count on, up to the next pause."""
        words, values = self.words, range(len(self.rules.change))
        zero, one = words.value(0), words.value(1)
        window = self._window(frame, order)
        runs = {}
        for number in values:
            fresh = self._opens_run(frame, gaps) | ~words.is_null(
                self._get(frame, f"value_{number}")
            )
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

    def _marked(self, frame: Frame, gaps: Gaps) -> dict[str, Column]:
        """Why a session begins here, as the number of the reason; 0 where none does."""
        words = self.words
        first = reasons.GIVEN if self.rules.session_column else reasons.FIRST
        cases = [(words.is_null(self._get(frame, "previous_instant")), first)]
        if self.rules.timeout is not None:
            cases.append((self._comes_too_late(frame, gaps), reasons.TIMEOUT))
        if self.rules.midnight:
            day, before = self._get(frame, "day"), self._get(frame, "previous_day")
            cases.append((day != before, reasons.MIDNIGHT))
        for number, name in enumerate(self.rules.change):
            cases.append((self._changes(frame, number), reasons.change_of(name)))
        numbered = [(condition, self._causes.number(why)) for condition, why in cases]
        if self._times_decide:
            # Those without a time stand before or behind all others of their user.
            numbered.insert(0, (words.is_null(self._get(frame, "instant")), words.value(0)))
        if self._causes.opening:
            opens = self._get(frame, "opens_bounds" if self.rules.between else "opens")
            numbered.append((opens > words.value(0), opens))
        if self._causes.delimiting:
            some = self._get(frame, "delimiters") != self._get(frame, "previous_delimiters")
            latest = self._get(frame, "latest_delimiter")
            numbered.append((some, self._causes.unpacked(latest)))
        if self._causes.closing and not self.rules.between:
            closes = self._get(frame, "previous_closes")
            numbered.append((closes > words.value(0), closes))
        return self._named({"begins": words.case(numbered, words.value(0))})

    def _numbered(self, frame: Frame, window: Window, unit: int) -> dict[str, Column]:
        """Return the ordinal and the start of the session of each event."""
        words = self.words
        begins = self._get(frame, "begins") > words.value(0)
        starts = words.case([(begins, words.value(1))], words.value(0))
        started = words.case([(begins, self._microsecond(frame))], None)
        columns = {
            "ordinal": words.running_sum(starts, window),
            # Sessions start one after the other: the latest start is the greatest.
            "started": words.running_max(started, window),
        }
        if self.rules.session_column and unit < MICROSECOND:
            began = words.case([(begins, self._get(frame, "instant"))], None)
            columns["began"] = words.running_max(began, window)
        return self._named(columns)

    def _nth(self, frame: Frame) -> Column:
        """Return the ordinal of the session of each event within its user."""
        words = self.words
        begins = self._get(frame, "begins") > words.value(0)
        each = words.case([(begins, words.value(1))], words.value(0))
        return words.running_sum(each, self._by_start(frame))

    def _told_apart(self, frame: Frame, order: tuple[str, ...], unit: int) -> Frame:
        """Say which reason each session has, and which start in one microsecond."""
        words, columns = self.words, {}
        window = self._window(frame, order)
        begins, ordinal = self._get(frame, "begins"), self._get(frame, "ordinal")
        if self._explains:
            # The ordinal grows from session to session, so that the greatest is the latest.
            packed = self._causes.packed(ordinal, begins)
            packed = words.case([(begins > words.value(0), packed)], None)
            columns["explained"] = words.running_max(packed, window)
        if self._two_may_start_at_once(unit):
            by_start = self._by_start(frame) if self.rules.session_column else window
            columns["previous_started"] = words.previous(self._get(frame, "started"), by_start)
        if not columns:
            return frame
        frame = words.step(frame, "explained", self._named(columns))
        if not self._two_may_start_at_once(unit):
            return frame
        given = self.rules.session_column
        window = self._by_start(frame) if given else self._window(frame, order)
        before, started = self._get(frame, "previous_started"), self._get(frame, "started")
        alone = words.is_null(before) | (before != started)
        first = (self._get(frame, "begins") > words.value(0)) & alone
        ordinal = self._get(frame, "nth" if given else "ordinal")
        base = words.running_max(words.case([(first, ordinal)], None), window)
        return words.step(frame, "told_apart", self._named({"first_ordinal": base}))

    def _result(self, frame: Frame) -> dict[str, Column]:
        """Return the columns of the events, and what is added."""
        words = self.words
        has_session = self._get(frame, "counts") == words.value(1)
        if self._causes.delimiting:
            has_session &= self._get(frame, "is_delimiter") == words.value(0)
        if self.rules.between:
            has_session &= self._get(frame, "outside") == words.value(0)
        ordinal = self._get(frame, "nth" if self.rules.session_column else "ordinal")
        whose = words.text(words.column(frame, self.user))
        id_ = words.joined(whose, words.value(":"), words.text(self._get(frame, "started")))
        if self._has(frame, "first_ordinal"):
            count = ordinal - self._get(frame, "first_ordinal") + words.value(1)
            suffixed = words.joined(id_, words.value("."), words.text(count))
            id_ = words.case([(count > words.value(1), suffixed)], id_)
        columns = {name: words.column(frame, name) for name in self.taken if name not in ADDED}
        columns["session_id"] = words.case([(has_session, id_)], None)
        columns["session_index"] = words.case([(has_session, ordinal)], None)
        if self._explains:
            reason = self._causes.text(self._get(frame, "explained"))
            if self.rules.session_column:
                first = ordinal == words.value(1)
                reason = words.case([(first, words.value(reasons.FIRST))], reason)
            columns["start_reason"] = words.case([(has_session, reason)], None)
        return columns

    # What the steps are made of.

    def _comes_too_late(self, frame: Frame, gaps: Gaps) -> Column:
        """Say whether the event comes too long after those before it; null for the first."""
        name = "rounded" if gaps.rounds_times else gaps.of
        now = self._get(frame, name)
        if self.rules.timeout_column:
            return now > self._get(frame, "open_until")
        return gaps.is_too_long(self._get(frame, f"previous_{name}"), now)

    def _opens_run(self, frame: Frame, gaps: Gaps) -> Column:
        """Say whether the event comes after a pause, or is the first."""
        first = self.words.is_null(self._get(frame, "previous_instant"))
        return first if self.rules.timeout is None else first | self._comes_too_late(frame, gaps)

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

    def _microsecond(self, frame: Frame) -> Column:
        return self._get(frame, "microsecond" if self._has(frame, "microsecond") else "instant")

    # What the rules come to.

    @cached_property
    def _causes(self) -> Causes:
        return Causes(self.words, self.rules)

    @property
    def _explains(self) -> bool:
        return "start_reason" in added_columns(self.rules, self.taken)

    @property
    def _times_decide(self) -> bool:
        """Say whether events that tie are one to the rules, and to the engine.

        Then each window can put them into an order of its own.
        """
        return self.words.has_ranges and not self.rules.columns

    @property
    def _carries(self) -> bool:
        return bool(self.rules.change) and not self.rules.change_to_empty

    def _two_may_start_at_once(self, unit: int) -> bool:
        """Say whether two sessions of a user can start in one microsecond."""
        # By times alone they start a timeout or a midnight apart.
        return bool(self.rules.columns) or unit < MICROSECOND
