"""Which events a metric names, said once more by hand, and what `compute` must do without them."""

import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from clicksession import metrics as m
from clicksession.errors import NotFoundWarning, NothingFoundError
from tests.metrics.oracle import Visit, played

#: Stands for the error.
NOTHING = object()

READ = {
    "ga4": ("conversion_events", "view_events"),
    "snowplow": ("view_events", "heartbeat_events", "conversion_events"),
    "posthog": ("autocapture_events", "view_events"),
}


def sought(metric: Any) -> dict[str, bool]:
    """Return the parameters that name events, and whether nothing can be said without them."""
    if isinstance(metric, m.BounceRate | m.EngagementRate):
        return {name: name == "view_events" for name in READ[metric.definition]}
    for name in ("events", "steps", "first_events"):
        if hasattr(metric, name):
            given = (name, "return_events") if name == "first_events" else (name,)
            return {each: _needs(metric, each) for each in given if getattr(metric, each)}
    return {"order_events": True} if getattr(metric, "order_column", "") is None else {}


def _needs(metric: Any, parameter: str) -> bool:
    return not any(isinstance(one, ColumnElement) for one in getattr(metric, parameter))


def names_in(metric: Any, parameter: str) -> set[Any]:
    """Return the names of a parameter, those of steps one by one."""
    parts = [one for one in getattr(metric, parameter) if not isinstance(one, ColumnElement)]
    return {name for one in parts for name in (one if isinstance(one, tuple) else (one,))}


def verdict(
    metric: Any, users: dict[Any, list[Visit]], words: dict[str, set[str]] | None = None
) -> Any:
    """Return `NOTHING`, or the names that are warned of."""
    types = {row["event_type"] for mine in users.values() for visit in mine for row in visit.events}
    if not types:
        return set()
    missing: set[Any] = set()
    for parameter, is_needed in sought(metric).items():
        names = names_in(metric, parameter)
        gone = {name for name in names if not played((name,), words) & types}
        if is_needed and gone and gone == names:
            return NOTHING
        missing |= gone
    if getattr(metric, "of", "") == "event_type" and types == {None}:
        return NOTHING
    return missing


def answered(
    metric: Any,
    users: dict[Any, list[Visit]],
    compute: Callable[[], Any],
    words: dict[str, set[str]] | None = None,
) -> Any:
    """Return what `compute` gives, or `NOTHING`; after a look at what it warned of."""
    expected = verdict(metric, users, words)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", NotFoundWarning)
        try:
            found = compute()
        except NothingFoundError:
            found = NOTHING
    assert (found is NOTHING) == (expected is NOTHING), (metric, found, expected)
    if found is NOTHING:
        return NOTHING
    said = [str(one.message) for one in heard if one.category is NotFoundWarning]
    # A name that two parameters share is warned of twice.
    named = {parameter: names_in(metric, parameter) for parameter in sought(metric)}
    wanted = [(of, name) for of, names in named.items() for name in names if name in expected]
    assert len(said) == len(wanted), (metric, said, wanted)
    for parameter, name in wanted:
        kind = repr(min(played((name,), words)))
        assert any(f"`{parameter}`" in one and kind in one for one in said), (name, said)
    return found
