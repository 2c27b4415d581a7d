"""`report`: what a target holds as one page of HTML, for people who would rather look than read."""

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from sqlalchemy import URL, Connection, Engine

from clicksession.display import templates_of
from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.metrics.building.scope import Period
from clicksession.metrics.steps import Steps
from clicksession.readers.sources.files import written
from clicksession.reporting.asking import Asking, asking
from clicksession.reporting.counts import headline, kinds, over_time, span_of
from clicksession.reporting.gaps import gaps
from clicksession.reporting.numbers import moment
from clicksession.reporting.orders import before_order
from clicksession.reporting.origin import made_by, refused, rules_of
from clicksession.reporting.returning import retention
from clicksession.reporting.views import Section
from clicksession.reporting.ways import funnel, landing_pages
from clicksession.sql.tables import Tables

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Report", "report"]


@dataclass(frozen=True)
class Report:
    """A page about a target: a notebook shows it, `save` writes it.

    Attributes
    ----------
    title
        Its title.
    html
        The whole page. It asks for nothing from elsewhere: no script, font, picture or style.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import clicksession as cs
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> log = cs.datasets.write_webshop(folder / "events.json.gz", customers=20, seed=42)
    >>> schema = cs.EventSchema.preset("webshop")
    >>> target = f"duckdb:///{folder / 'shop.duckdb'}"
    >>> _ = cs.run(log, target, schema=schema, progress=False)
    >>> page = cs.report(target, title="Shop")
    >>> page
    Report(title='Shop')
    >>> "<h1>Shop</h1>" in page.html
    True
    """

    title: str
    html: str = field(repr=False)
    _framed: str = field(default="", repr=False, compare=False)

    def save(
        self, path: str | os.PathLike[str], *, storage_options: Mapping[str, Any] | None = None
    ) -> None:
        """Write the page, in UTF-8.

        Parameters
        ----------
        path
            A path or URL that fsspec can write to; a file that is there is replaced.
        storage_options
            Passed to the filesystem.

        Raises
        ------
        ReadError
            It cannot be written there.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> page = pathlib.Path(tempfile.mkdtemp()) / "shop.html"
        >>> Report("Shop", "<!doctype html>").save(page)
        >>> page.read_text()
        '<!doctype html>'
        """
        with written(path, storage_options) as file:
            file.write(self.html.encode())

    def _repr_html_(self) -> str:
        # In a frame of its own, so that neither its style nor the notebook's reaches the other.
        return _render("notebook.html", page=self._framed or self.html, title=self.title)


@keywords()
def report(
    target: Engine | Connection | str | URL,
    out: str | os.PathLike[str] | None = None,
    *,
    zone: str = "UTC",
    title: str | None = None,
    tables: Tables | None = None,
    steps: Steps | None = None,
    page: str | None = None,
) -> Report:
    """Return a page about a target: what is in it, what people do, and how it came to be.

    Users, sessions and events; sessions per day, week or month, by how long they span; the pauses
    between events with the timeout drawn in, and the one that `suggest_timeout` finds; a funnel;
    who comes back; landing pages; what comes before an order; what was refused; the rules and the
    runs that made the target. Below each number stand its definition, as `Metric.describe` gives it
    in the target's own words, and its SQL. What the target cannot answer, such as orders where no
    event is one, is said in words: nothing found is not zero.

    The target is only read, and all numbers are of one moment, whatever is written meanwhile. The
    database counts: no event is loaded. Lists are cut to the first ten, with all others in a row
    of their own, so that the page stays small. The same target gives the same bytes, but for the
    moment at which the page says that it was made.

    Parameters
    ----------
    target
        A SQLAlchemy `Engine`, a `Connection`, or a database URL. A file is not created, and others
        may read a file of DuckDB or SQLite at the same time.
    out
        Where to write the page: a path or URL that fsspec can write to; a file that is there is
        replaced. Left out, it is only returned.
    zone
        The time zone of days, weeks and months, and of the times on the page.
    title
        The title; left out, it names the database.
    tables
        Where the tables are, as for `clicksession.SQLWriter`.
    steps
        The steps of the funnel, as for `metrics.Funnel`; left out, those roles of page view,
        product view, cart, checkout and order that occur.
    page
        The column with the landing page, of the sessions or of the events; left out, the first
        that is called as such columns are (``"landing_page"``, ``"page_url"``, …).

    Returns
    -------
    Report
        The page.

    Raises
    ------
    ParameterError
        It is no target of this library or cannot be read, there is no such zone, or `steps` are
        none.
    ReadError
        `out` cannot be written to.

    Examples
    --------
    >>> import pandas as pd
    >>> from sqlalchemy import create_engine
    >>> from clicksession import SQLWriter
    >>> events = pd.DataFrame({
    ...     "event_id": [1, 2],
    ...     "user_id": ["ann", "ann"],
    ...     "timestamp": pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:10"], utc=True),
    ... })
    >>> engine = create_engine("duckdb:///:memory:")
    >>> _ = SQLWriter(engine).write(events)
    >>> report(engine, title="Two clicks")
    Report(title='Two clicks')
    """
    _check_zone(zone)
    with asking(target, tables) as asked:
        shown = title if title is not None else _title(asked)
        sections = _sections(asked, zone, steps, page)
    made = Report(shown, *_rendered(shown, sections, zone))
    if out is not None:
        made.save(out)
    return made


def _sections(asked: Asking, zone: str, steps: Steps | None, page: str | None) -> list[Section]:
    span, rules = span_of(asked, zone), rules_of(asked)
    return [
        Section("counts", "At a glance", list(headline(asked, span))),
        Section("time", "Over time", [over_time(asked, span)]),
        Section("pauses", "Pauses and the timeout", [gaps(asked, rules)]),
        Section("ways", "What people do", [funnel(asked, steps), landing_pages(asked, page)]),
        Section("returning", "Who comes back", [retention(asked, span)]),
        Section("orders", "Before an order", list(before_order(asked))),
        Section("types", "What was recorded", [kinds(asked)]),
        Section("refused", "What was refused", list(refused(asked))),
        Section("origin", "How this was made", list(made_by(asked, rules, zone))),
    ]


def _rendered(title: str, sections: list[Section], zone: str) -> list[str]:
    """Return the page, and the same for a frame, whose links would lead out of it."""
    now = _now()
    values = {
        "title": title,
        "sections": sections,
        "zone": zone,
        "made": moment(now, zone),
        "made_at": now.isoformat(timespec="seconds"),
        "version": version("clicksession"),
    }
    return [_render("page.html", **values, is_framed=framed) for framed in (False, True)]


def _render(template: str, **values: Any) -> str:
    """Return a template of this package with its places filled in."""
    return _templates().get_template(template).render(values)


@cache
def _templates() -> "Environment":
    templates = templates_of("clicksession.reporting")
    style = templates.get_template("style.css").render()
    # Our own, without anything of a log in it; the page says which style it takes by its hash.
    templates.globals["style"] = Markup(style)  # noqa: S704
    templates.globals["style_hash"] = b64encode(sha256(style.encode()).digest()).decode()
    return templates


def _now() -> datetime:
    return datetime.now(UTC)


def _title(asked: Asking) -> str:
    """Return a title that names the database, without a host, a user or a folder."""
    database = asked.connection.engine.url.database or ""
    name = os.path.basename(database.replace("\\", "/"))
    return f"Sessions in {name}" if name and name != ":memory:" else "Sessions"


def _check_zone(zone: str) -> None:
    """Refuse what is no zone, as `Period` does, in the words of this function."""
    try:
        Period("day", zone)
    except ParameterError as error:
        raise error.said_by("report") from None
