"""One row per session, said once for every engine that arrays do not reach."""

from clicksession.rules import reasons
from clicksession.windows.words import Frame, Window, Words

__all__ = ["summary"]

_SECOND = 10**9


def summary(words: Words, sessionized: Frame, *, user: str, time: str) -> Frame:
    """Return one row per session, as lazy as the frame, in no order that is promised.

    Parameters
    ----------
    words
        What the engine of the frame says things with.
    sessionized
        A frame that has sessions.
    user, time
        The columns that say whose event it is and when it happened.
    """
    explained = "start_reason" in words.names(sessionized)
    unit = words.nanoseconds_per_unit(sessionized, time)
    # The user's column has a name of its own choice: ours step aside for it.
    moment, instant, reason, first, last = (
        f"{name}_" if name == user else name
        for name in ("moment", "instant", "reason", "first_instant", "last_instant")
    )
    numbered = "session_index" in words.names(sessionized)
    has_session = ~words.is_null(words.column(sessionized, "session_id"))
    if not numbered:
        # Ids from elsewhere say nothing of the user and the time.
        has_session &= ~words.is_null(words.column(sessionized, user))
        has_session &= ~words.lacks_instant(sessionized, time)
    events = words.where(sessionized, has_session)
    index = {"session_index": words.column(events, "session_index")} if numbered else {}
    named = {
        "session_id": words.column(events, "session_id"),
        user: words.column(events, user),
        **index,
        moment: words.column(events, time),
        instant: words.instant(events, time),
    }
    if explained:
        named[reason] = words.column(events, "start_reason")
    events = words.narrowed(events, "known", named)
    keys = ["session_id", user, *index, *([reason] if explained else [])]
    ends = {
        "started_at": ("min", moment),
        "ended_at": ("max", moment),
        first: ("min", instant),
        last: ("max", instant),
        "event_count": ("count", instant),
    }
    grouped = words.grouped(events, "grouped", keys, ends)
    if not numbered:
        order = (words.column(grouped, first), *words.rank(grouped, "session_id"))
        nth = words.row_number(Window((words.whose(grouped, user),), order))
        grouped = words.step(grouped, "numbered", {"session_index": nth})
    lasted = words.column(grouped, last) - words.column(grouped, first)
    nth = words.column(grouped, "session_index")
    others = words.value(reasons.TIMEOUT if numbered else reasons.GIVEN)
    by_ordinal = words.case([(nth == words.value(1), words.value(reasons.FIRST))], others)
    columns = {
        **{name: words.column(grouped, name) for name in ("session_id", user, "session_index")},
        **{name: words.column(grouped, name) for name in ("started_at", "ended_at")},
        # One division of exact integers, so that 90 minutes are 5400.0 and not a hair beside.
        "duration_seconds": words.quotient(lasted, _SECOND // unit),
        "event_count": words.column(grouped, "event_count"),
        "start_reason": words.column(grouped, reason) if explained else by_ordinal,
    }
    return words.chosen(grouped, columns)
