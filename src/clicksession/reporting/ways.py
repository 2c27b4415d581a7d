"""How far people get: the funnel, and the pages that sessions begin on."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from clicksession.errors import ParameterError, did_you_mean
from clicksession.metrics import Count, Funnel, LandingPages, Metric, Role
from clicksession.metrics.roles import types_of
from clicksession.metrics.steps import Steps
from clicksession.reporting.asking import Asking
from clicksession.reporting.counts import TOP, part_of
from clicksession.reporting.numbers import percent, shortened
from clicksession.reporting.views import Answer, Listing, Row, View
from clicksession.sql.dialects import spelling
from clicksession.sql.statistics import nulls_last
from clicksession.sql.tables import Tables

__all__ = ["funnel", "landing_pages"]

#: The roles that may be steps of a funnel, in the order in which people take them.
_WAY = ("page_view", "product_view", "cart", "checkout", "order")
#: What columns with pages are called, in logs and exports; those of a session go before.
_PAGES = (
    *("landing_page", "page", "page_url", "page_location", "page_path", "page_urlpath"),
    *("current_url", "url", "uri", "path", "request_path", "page_title", "screen_name", "screen"),
)


def funnel(asking: Asking, steps: Steps | None) -> Answer:
    """Return how many sessions get from one step to the next.

    Parameters
    ----------
    asking
        The target.
    steps
        The steps; None for the roles that lead to an order, of which events occur.
    """
    chosen: Any = _steps(asking) if steps is None else steps
    if steps is None and len(chosen) < 2:
        return Answer("Funnel", why_not=_no_way(chosen))
    return asking.answer("Funnel", Funnel(steps=chosen), _as_funnel)


def landing_pages(asking: Asking, page: str | None) -> Answer:
    """Return the pages that most sessions begin on.

    Parameters
    ----------
    asking
        The target.
    page
        The column of the sessions, or of the events, that holds the page; None for the first that
        is called as such columns are.
    """
    title, kept = "Landing pages", asking.tables.kept.names
    found = _page_column(asking) if page is None else _there(asking, page)
    if found is None:
        why_not = (
            "No column of the sessions or the events is called as one of pages is, such as "
            f"{_PAGES[0]!r}, {_PAGES[1]!r} or {_PAGES[2]!r}. Name yours: report(…, page=…)."
        )
        return Answer(title, why_not=why_not)
    metric: Metric = LandingPages(page=found)
    if found in kept:
        metric = _MostFirst(by=found)
    return asking.answer(title, metric, _as_pages(asking, found), top=TOP)


class _MostFirst(Count[str]):
    """The number of sessions for each value, the most first."""

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        pages = super().select(tables).order_by(None).cte("sessions_of_pages")
        key, count = pages.c
        return select(pages).order_by(count.desc(), *nulls_last([key]))


def _steps(asking: Asking) -> list[Role]:
    """Return the roles of the way to an order that some event in a session plays."""
    roles = {role: asking.place.named(_OneStep(steps=Role(role))).steps[0] for role in _WAY}
    kinds = {role: types_of(step) for role, step in roles.items()}
    column: ColumnElement[Any] = asking.tables.events.c.event_type
    sought = dict.fromkeys(kind for types in kinds.values() for kind in types)
    inside = asking.tables.events.c.session_id.is_not(None)
    statement = select(column).where(column.in_(list(sought)), inside).distinct()
    there = {kind for (kind,) in asking.rows(statement)}
    # A view may be one of a page and of a product: that is one step.
    occurring: dict[tuple[str, ...], str] = {}
    for role, types in kinds.items():
        if there & set(types):
            occurring.setdefault(types, role)
    return [Role(role) for role in occurring.values()]


_OneStep: Any = Funnel


def _no_way(chosen: Sequence[Role]) -> str:
    roles = ", ".join(role.replace("_", " ") for role in _WAY)
    there = f"only that of a {chosen[0].name.replace('_', ' ')}" if chosen else "none"
    return (
        f"Of the steps that lead to an order ({roles}), {there} occurs. What they are called here "
        "is said with SQLWriter.keep_vocabulary(), or name other steps: report(…, steps=…)."
    )


def _as_funnel(found: Any) -> View | None:
    if not len(found):
        return None
    rows = [
        Row(
            shortened(f"{row.step}. {row.event_type}"),
            (f"{row.reached:,}", percent(row.share_of_first), percent(row.share_of_previous)),
            row.share_of_first,
        )
        for row in found.itertuples(index=False)
    ]
    return Listing(("Step", "Sessions", "Of first", "Of previous"), rows)


def _as_pages(asking: Asking, column: str) -> Any:
    def show(found: Any) -> View | None:
        if not len(found):
            return None
        total = int(asking.place.answer(Count()) or 0)
        pairs = list(zip(found.iloc[:, 0], found["sessions"].astype(int), strict=True))
        rows = [part_of(_page(value), count, total) for value, count in pairs]
        rest = total - sum(count for _, count in pairs)
        if rest:
            rows.append(part_of("All others", rest, total))
        return Listing((f"Page ({column})", "Sessions", "Share"), rows)

    return show


def _page(value: Any) -> str:
    return "(none)" if value is None or value != value else shortened(str(value))


def _there(asking: Asking, page: str) -> str:
    """Return the column that a caller named, if it is there.

    Raises
    ------
    ParameterError
        It is not.
    """
    known = list(dict.fromkeys([*asking.tables.kept.names, *_columns(asking)]))
    if page not in known:
        must = f"a column of the sessions or the events ({', '.join(known)})"
        raise ParameterError("report", "page", must, page, did_you_mean(str(page), known))
    return page


def _columns(asking: Asking) -> list[str]:
    there = asking.tables.table("events")
    return sorted(spelling(asking.connection.dialect.name).columns(asking.connection, there) or ())


def _page_column(asking: Asking) -> str | None:
    """Return the column of the sessions or events that most looks like one of pages."""
    for names in (asking.tables.kept.names, _columns(asking)):
        for page in _PAGES:
            found = [name for name in names if name == page or name.endswith(f"_{page}")]
            if found:
                return found[0]
    return None
