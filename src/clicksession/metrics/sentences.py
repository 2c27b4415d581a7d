"""Sentences, made from parameters."""

from typing import Any

from clicksession.sql.statistics import words

__all__ = ["any_of", "before_order"]


def any_of(names: tuple[str, ...]) -> str:
    """Return names as a choice.

    Examples
    --------
    >>> any_of(("a", "b", "c"))
    "'a' or 'b' or 'c'"
    """
    return " or ".join(map(repr, names))


def before_order(metric: Any, what: str) -> str:
    """Return the sentence of an order metric."""
    order = (
        f"a {any_of(metric.order_events)} event"
        if metric.order_column is None
        else f"an event whose {metric.order_column!r} is true"
    )
    over = _over(metric, order)
    if metric.never_buyers == "keep":
        over += f" and over the users without {order}"
    sentence = (
        f"The {words(metric.statistic)}, over {over}, of {what} that the user had "
        f"{_since(metric)}, {_CURRENT[metric.current]}."
    )
    return " ".join([sentence, *_more(metric)])


def _over(metric: Any, order: str) -> str:
    bare = order.removeprefix("a ").removeprefix("an ")
    if metric.per == "user":
        return f"all users with {order}"
    if metric.per == "order_event":
        some = {"all": f"all {_plural(bare)}", "first": f"each user's first {bare}"}
        return some.get(metric.orders, f"each user's last {bare}")
    some = {"all": f"all sessions with {order}", "first": f"each user's first session with {order}"}
    return some.get(metric.orders, f"each user's last session with {order}")


def _plural(event: str) -> str:
    head, _, rest = event.partition("event")
    return f"{head}events{rest}"


def _since(metric: Any) -> str:
    such = "session" if metric.per == "order_session" else "event"
    if metric.per == "user":
        if metric.orders == "all":
            which = {"after_order": "after", "at_order": "from"}[metric.reset]
            return f"before each session with one, {which} the previous such session, added up"
        goal = f"up to their {metric.orders} such event"
    else:
        goal = ""
    if metric.orders == "first":
        return goal or "up to it"
    if metric.reset == "never":
        return goal or "up to it, from their first session on"
    previous = f"previous such {such}" if such == "session" else "session with the previous one"
    start = {"after_order": "since", "at_order": "from"}[metric.reset]
    counted = ", that one counted," if metric.reset == "at_order" else ","
    since = f"{start} their {previous}{counted} or ever where there was none"
    return f"{goal}, {since}" if goal else since


_CURRENT = {
    "excluded": "not counting the session with the order",
    "included": "counting the session with the order",
    "cut": "counting the session with the order up to the order",
    "begun": "counting the session with the order where it began before the order",
}


def _more(metric: Any) -> list[str]:
    """Return the sentences for choices that are not the usual ones."""
    fault = getattr(metric, "fault", None)
    said = {
        "Earlier sessions with an order do not count.": metric.earlier_order_sessions == "drop",
        "Sessions of one event do not count.": metric.one_event_sessions == "drop",
        "Zeros do not count.": metric.zeros == "drop",
        "Orders are not events before an order.": getattr(metric, "count", "") == "events",
        "The sessions behind a user's last order count as if one more came.": (
            metric.after_last_order == "keep"
        ),
        "A further order in one session counts -1.": fault == "minus_one",
        "A user's first order counts 1, and so does a further order in one session.": (
            fault == "one_for_none"
        ),
    }
    return [sentence for sentence, holds in said.items() if holds]
