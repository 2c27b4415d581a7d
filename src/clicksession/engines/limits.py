"""Cut sessions that grow beyond a limit: too long, too many events, too fast.

Where such a session is cut depends on where it began, so one cut leads to the next. No step loops
over rows: all offending sessions are cut at once at their first offence, then what remains of
those, and so on. A chain of very many cuts is followed by doubling instead: where each event's
session would be cut if it began there is known, so is where the one after that would be, and so on
in steps of 2, 4, 8, ….
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from clicksession.engines.pauses import compared, nanoseconds
from clicksession.rules import Rules, reasons

__all__ = ["limited"]

Integers = npt.NDArray[np.int64]
# Of sessions that begin and end at these positions, where the first offence is; the end for none.
Offence = Callable[[Integers, Integers], Integers]

_PASSES = 64
_HOUR = 3600 * 10**9


def limited(
    starts: Integers,
    counts: Integers,
    since: Integers,
    already: Integers,
    nanoseconds_per_unit: int,
    rules: Rules,
    changes: Sequence[tuple[str, Offence]] = (),
) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Return for each event which limit begins a session there, from 1 on, or 0; and the reasons.

    Parameters
    ----------
    starts
        The positions at which sessions begin for other reasons.
    counts
        The time of each event, in order of user and time.
    since, already
        When a session began that begins at an event, and how many events it had before: the time
        of the event, and none, but for a session that is carried over.
    nanoseconds_per_unit
        What one count is worth.
    rules
        The limits.
    changes
        The changes of value within a session, each with its reason.
    """
    limits = list(_limits(counts, since, already, nanoseconds_per_unit, rules, changes))
    offences = [offence for _, offence in limits]
    ends = np.append(starts[1:], len(counts))[: len(starts)]
    cuts, labels = _chains(offences, starts, ends)
    if rules.measured_from == "start_by_hour":
        per_hour = _HOUR // nanoseconds_per_unit
        cuts, labels = _in_another_hour(starts, cuts, labels, counts // per_hour)
    each = np.zeros(len(counts), dtype=np.int32)
    each[cuts] = labels
    return each, tuple(reason for reason, _ in limits)


def _limits(
    counts: Integers,
    since: Integers,
    already: Integers,
    nanoseconds_per_unit: int,
    rules: Rules,
    changes: Sequence[tuple[str, Offence]],
) -> Iterator[tuple[str, Offence]]:
    """Give each limit of the rules with its reason, in the order of the reasons."""
    if rules.measured_from != "previous":
        times, per_unit = compared(counts, nanoseconds_per_unit, rules)
        begun, _ = compared(since, nanoseconds_per_unit, rules)
        yield reasons.TIMEOUT, _later_than(times, begun, rules.longest_gap(per_unit))
    yield from changes
    if rules.max_duration is not None:
        longest = rules.longest_duration(nanoseconds_per_unit)
        yield reasons.MAX_DURATION, _later_than(counts, since, longest)
    if rules.max_events is not None:
        most = rules.max_events - (rules.at_max_events == "new")
        yield reasons.MAX_EVENTS, _beyond(most, already)
    if rules.max_rate is not None:
        events, within = rules.max_rate
        shortest = (nanoseconds(within) - 1) // nanoseconds_per_unit
        yield reasons.MAX_RATE, _faster_than(counts, events, shortest)


def _later_than(counts: Integers, since: Integers, longest: int) -> Offence:
    """Return the limit that no event comes longer than this after the start."""
    allowed = np.uint64(min(longest, 2**64 - 1))

    def is_late(positions: Integers, starts: Integers) -> npt.NDArray[np.bool_]:
        late: npt.NDArray[np.bool_] = (counts[positions] - since[starts]).view(np.uint64) > allowed
        return late

    def offence(starts: Integers, ends: Integers) -> Integers:
        found = ends.copy()
        overlong = np.flatnonzero(is_late(ends - 1, starts))
        begin, low, high = starts[overlong], starts[overlong] + 1, ends[overlong] - 1
        # The last event of each is too late: bisection closes in on the first that is.
        while bool((low < high).any()):
            middle = (low + high) // 2
            late = is_late(middle, begin)
            low, high = np.where(late, low, middle + 1), np.where(late, middle, high)
        found[overlong] = high
        return found

    return offence


def _beyond(most: int, already: Integers) -> Offence:
    """Return the limit that a session has at most so many events."""

    def offence(starts: Integers, ends: Integers) -> Integers:
        end: Integers = np.minimum(starts + (min(most, 2**62) - already[starts]), ends)
        return end

    return offence


def _faster_than(counts: Integers, events: int, shortest: int) -> Offence:
    """Return the limit that so many events and one more take longer than this."""
    events = min(events, len(counts))
    taken = (counts[events:] - counts[: len(counts) - events]).view(np.uint64)
    # Across users this says nothing; it is only asked for events of one session.
    fast = np.flatnonzero(taken <= np.uint64(min(shortest, 2**64 - 1))) + events
    fast = np.append(fast, np.iinfo(np.int64).max)

    def offence(starts: Integers, ends: Integers) -> Integers:
        return np.minimum(fast[np.searchsorted(fast, starts + events)], ends)

    return offence


def _chains(
    offences: list[Offence], starts: Integers, ends: Integers
) -> tuple[Integers, npt.NDArray[np.int32]]:
    """Return all cuts that follow from these sessions, and which limit made each, from 1 on."""
    cuts, labels = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for _ in range(_PASSES):
        found, label = _first(offences, starts, ends)
        cut = found < ends
        starts, ends = found[cut], ends[cut]
        cuts.append(starts)
        labels.append(label[cut])
        if not len(starts):
            break
    else:
        far, label = _doubled(offences, starts, ends)
        cuts.append(far)
        labels.append(label)
    order = np.argsort(together := np.concatenate(cuts), kind="stable")
    return together[order], np.concatenate(labels)[order]


def _first(
    offences: list[Offence], starts: Integers, ends: Integers
) -> tuple[Integers, npt.NDArray[np.int32]]:
    """Return the first offence against any limit, and which it is against, from 1 on."""
    found = np.stack([offence(starts, ends) for offence in offences])
    # argmin gives the first of equals: the limits stand in the order of the reasons.
    label = found.argmin(axis=0)
    return found[label, np.arange(len(starts))], (label + 1).astype(np.int32)


def _doubled(
    offences: list[Offence], starts: Integers, ends: Integers
) -> tuple[Integers, npt.NDArray[np.int32]]:
    """Return what `_chains` does, in a number of steps that grows with the chain's logarithm."""
    lengths = ends - starts
    offsets = np.cumsum(lengths) - lengths
    positions = np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)
    last = np.repeat(ends, lengths)
    found, label = _first(offences, positions, last)
    nowhere = len(positions)
    step = np.where(found < last, np.arange(nowhere) + (found - positions), nowhere)
    jump, reached = np.append(step, nowhere), np.zeros(nowhere + 1, dtype=bool)
    reached[offsets] = True
    while bool((jump[:-1] < nowhere).any()):
        reached[jump[np.flatnonzero(reached)]] = True
        jump = jump[jump]
    begun = np.flatnonzero(reached[:-1])
    begun = begun[step[begun] < nowhere]
    return positions[step[begun]], label[begun]


def _in_another_hour(
    starts: Integers, cuts: Integers, labels: npt.NDArray[np.int32], hours: Integers
) -> tuple[Integers, npt.NDArray[np.int32]]:
    """Return those cuts that come in another hour than the moment they were measured from."""
    measured = np.union1d(starts, cuts)
    before = measured[np.searchsorted(measured, cuts) - 1]
    kept = hours[cuts] != hours[before]
    return cuts[kept], labels[kept]
