"""Sentences, made from parameters."""

import re
from typing import Any

from clicksession.metrics.roles import types_of
from clicksession.sql.statistics import words

__all__ = ["before_order", "events_of", "listed", "with_article"]

# How a word begins that takes "an": by letters, and so not always by sound.
_VOWEL = re.compile(r"\W*([aeio]|u(?!s|ni))", re.IGNORECASE)


def events_of(names: Any, *, several: bool = False) -> str:
    """Return what events of these types and roles are called, without an article.

    Examples
    --------
    >>> events_of(("a", "b", "c")), events_of(("order",), several=True)
    ("'a' or 'b' or 'c' event", "'order' events")
    """
    return f"{' or '.join(map(repr, types_of(names)))} event{'s' if several else ''}"


def with_article(what: str) -> str:
    """Return words with "a" or "an" before them.

    Examples
    --------
    >>> with_article("'order' event"), with_article("'placed_order' event")
    ("an 'order' event", "a 'placed_order' event")
    """
    return f"{'an' if _VOWEL.match(what) else 'a'} {what}"


def listed(parts: list[str], last: str) -> str:
    """Return parts in a list, the last of several after this word.

    Examples
    --------
    >>> listed(["a", "b", "c"], "or"), listed(["a", "b"], "or"), listed(["a"], "or")
    ('a, b, or c', 'a or b', 'a')
    """
    if len(parts) < 3:
        return f" {last} ".join(parts)
    return f"{', '.join(parts[:-1])}, {last} {parts[-1]}"


def before_order(metric: Any, what: str) -> str:
    """Return the sentence of an order metric."""
    over = _over(metric)
    if metric.never_buyers == "keep":
        over += f" and over the users without {with_article(_order(metric))}"
    sentence = (
        f"The {words(metric.statistic)}, over {over}, of {what} that the user had "
        f"{_since(metric)}, {_CURRENT[metric.current]}."
    )
    return " ".join([sentence, *_more(metric)])


def _order(metric: Any, *, several: bool = False) -> str:
    """Return what an order is, without an article."""
    if metric.order_column is None:
        return events_of(metric.order_events, several=several)
    return f"event{'s' if several else ''} whose {metric.order_column!r} is true"


def _over(metric: Any) -> str:
    order = _order(metric)
    one = with_article(order)
    if metric.per == "user":
        return f"all users with {one}"
    if metric.per == "order_event":
        if metric.orders == "all":
            return f"all {_order(metric, several=True)}"
        return f"each user's {metric.orders} {order}"
    if metric.orders == "all":
        return f"all sessions with {one}"
    return f"each user's {metric.orders} session with {one}"


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
    meets_again = metric.counts_order_events and metric.reset == "after_order"
    said = {
        "Earlier sessions with an order do not count.": metric.earlier_order_sessions == "drop",
        "Sessions of one event do not count.": metric.one_event_sessions == "drop",
        "Zeros do not count.": metric.zeros == "drop",
        "Orders are not events before an order.": getattr(metric, "count", "") == "events",
        "The sessions behind a user's last order count as if one more came.": (
            metric.after_last_order == "keep"
        ),
        "A further order in one session has nothing before it.": meets_again and fault is None,
        "A further order in one session counts -1.": fault == "minus_one",
        "A user's first order counts 1, and so does a further order in one session.": (
            fault == "one_for_none"
        ),
    }
    return [sentence for sentence, holds in said.items() if holds]
