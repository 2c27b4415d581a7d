"""Engaged sessions and bounces, in the words of those who report them."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, literal_column, or_, select

from clicksession.keywords import keywords
from clicksession.metrics.base import NumberMetric
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.sentences import events_of, listed, with_article
from clicksession.metrics.building.typed import B
from clicksession.metrics.roles import AUTOCAPTURE, HEARTBEAT, ORDER, PAGE_VIEW, EventTypes
from clicksession.sql.constructs import microseconds_between
from clicksession.sql.tables import Tables

__all__ = ["BounceRate", "EngagementRate"]

_TEN_SECONDS = 10_000_000


@dataclass(frozen=True, kw_only=True)
class _Engagement(NumberMetric[B]):
    """What both rates share: when a session is engaged."""

    definition: Literal["ga4", "snowplow", "posthog"] = "ga4"
    view_events: EventTypes = PAGE_VIEW
    conversion_events: EventTypes = ORDER
    heartbeat_events: EventTypes = HEARTBEAT
    autocapture_events: EventTypes = AUTOCAPTURE

    #: 1 where engaged sessions count, 0 where the others do.
    _yes: ClassVar[int]

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events: nothing goes without views."""
        read = [_PARTS[kind] for kind in _KINDS[self.definition]]
        return tuple(
            self._looked(name, is_needed=name == "view_events")
            for name in read
            if getattr(self, name)
        )

    @classmethod
    def _presets(cls) -> dict[str, dict[str, Any]]:
        return {name: {"definition": name} for name in sorted(_KINDS)}

    def _check(self) -> None:
        self._choose("definition", "ga4", "snowplow", "posthog")
        views, *others = _PARTS.values()
        self._names(views)
        for name in others:
            self._names(name, "event types or roles; an empty tuple for none", may_be_none=True)

    def _values(self, tables: Tables) -> Select[Any]:
        events, sessions = tables.events, self._scope.sessions(tables)
        kinds = {kind: self._types(_PARTS[kind]) for kind in _KINDS[self.definition]}
        counts = (
            select(
                events.c.session_id,
                *(_count(events.c.event_type, types).label(name) for name, types in kinds.items()),
            )
            .where(events.c.session_id.is_not(None))
            .group_by(events.c.session_id)
            .cte("events_of_sessions")
        )
        keys = self._scope.keys_in(sessions)
        lasted = microseconds_between(sessions.c.started_at, sessions.c.ended_at)
        return select(*keys, self._flagged(counts, lasted).label("value")).select_from(
            sessions.join(counts, counts.c.session_id == sessions.c.session_id)
        )

    def _engaged(self, counts: CTE, lasted: ColumnElement[Any]) -> ColumnElement[bool]:
        if self.definition == "ga4":
            return or_(lasted > _TEN_SECONDS, counts.c.conversions > 0, counts.c.views > 1)
        if self.definition == "snowplow":
            return or_(counts.c.views > 1, counts.c.heartbeats > 1, counts.c.conversions > 0)
        return or_(lasted >= _TEN_SECONDS, counts.c.autocaptures > 0, counts.c.views > 1)

    def _flagged(self, counts: CTE, lasted: ColumnElement[Any]) -> ColumnElement[Any]:
        engaged, yes = self._engaged(counts, lasted), self._yes
        if self.definition == "posthog":
            viewed = counts.c.views > 0
            return case((and_(viewed, engaged), yes), (viewed, 1 - yes))
        return case((engaged, yes), else_=1 - yes)

    def _said(self, first: str, last: str) -> str:
        """Return the sentence, with a word before each part of what makes a session engaged."""
        views, viewed = self._with("views", several=True), ""
        goal = self._with("conversions")
        if self.definition == "ga4":
            parts = ["last more than 10 seconds", goal, views]
        elif self.definition == "snowplow":
            parts = [views, self._with("heartbeats", several=True), goal]
        else:
            viewed = f" with {with_article(events_of(self.view_events))}"
            parts = ["last at least 10 seconds", self._with("autocaptures"), views]
        said = [part for part in parts if part]
        if len(said) == 1:
            return f"The share of sessions that {_NOT[last]}{said[0]}."
        return f"The share of sessions{viewed} that {first}{listed(said, last)}."

    def _with(self, kind: str, *, several: bool = False) -> str:
        """Return how a sentence says that a session has such events; nothing of none."""
        types = self._types(_PARTS[kind])
        if not types:
            return ""
        if several:
            return f"have at least two {events_of(types, several=True)}"
        return f"have {with_article(events_of(types))}"


# Before the one thing that a rate asks for, where the others were left out.
_NOT = {"or": "", "nor": "do not "}
# What each part of a definition is counted as, and the parameter that names its events.
_PARTS = {
    "views": "view_events",
    "conversions": "conversion_events",
    "heartbeats": "heartbeat_events",
    "autocaptures": "autocapture_events",
}
_KINDS = {
    "ga4": ("conversions", "views"),
    "snowplow": ("views", "heartbeats", "conversions"),
    "posthog": ("autocaptures", "views"),
}


@keywords(**_PARTS)
@dataclass(frozen=True, kw_only=True)
class EngagementRate(_Engagement[B]):
    """Which share of sessions is engaged, from 0 to 1.

    Parameters
    ----------
    definition
        ``"ga4"``: longer than 10 seconds, or a conversion, or two views. ``"snowplow"``: two views,
        or two heartbeats, or a conversion. ``"posthog"``: at least 10 seconds, or an autocaptured
        event, or two views; a session without any view does not count.
    view_events, conversion_events, heartbeat_events, autocapture_events
        The event types or roles that are each of these; a definition reads those that it names.
        Where no event is a view, there is no answer. The others may be ``()``: there are none.
    by, where, since, until
        See `Metric`: the session, which counts whole.

    Examples
    --------
    >>> print(EngagementRate(view_events="page_view").describe())
    The share of sessions that last more than 10 seconds, have a 'placed_order' event, or have at
    least two 'page_view' events.
    """

    _yes = 1

    @property
    def column(self) -> str:
        """What the column of the number is called."""
        return "engagement_rate"

    def _definition(self) -> str:
        return self._said("", "or")


@keywords(**_PARTS)
@dataclass(frozen=True, kw_only=True)
class BounceRate(_Engagement[B]):
    """Which share of sessions bounces: is not engaged. From 0 to 1.

    Parameters
    ----------
    definition, view_events, conversion_events, heartbeat_events, autocapture_events
        As in `EngagementRate`.
    by, where, since, until
        As in `EngagementRate`.

    Examples
    --------
    >>> print(BounceRate(definition="snowplow", view_events="page_view").describe())
    The share of sessions that neither have at least two 'page_view' events, have at least two
    'page_ping' events, nor have a 'placed_order' event.
    """

    _yes = 0

    @property
    def column(self) -> str:
        """What the column of the number is called."""
        return "bounce_rate"

    def _definition(self) -> str:
        return self._said("neither ", "nor")


def _count(event_type: ColumnElement[Any], types: tuple[str, ...]) -> ColumnElement[Any]:
    return func.sum(case((event_type.in_(types), 1), else_=0) if types else literal_column("0"))
