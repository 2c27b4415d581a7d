"""What `suggest_timeout` returns."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clicksession import plots
from clicksession.display import Card, Listing, listing_of
from clicksession.durations import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["TimeoutSuggestion", "TimeoutSuggestions"]

# Of how many values of `by` a display says the verdict.
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class TimeoutSuggestion:
    """A timeout that a log suggests, how sure that is, and what others would change.

    Attributes
    ----------
    timeout
        Where gaps are rarest between those within visits and those between them, to the second, and
        from ten minutes on to the minute; None where there is no clear valley.
    low, high
        The interval that holds it with a confidence of 95 %, by a bootstrap over users; None where
        `timeout` is.
    is_clear
        Whether there is a valley: one that is lower than four fifths of the lower hill beside it,
        in 95 % of the samples of users.
    verdict
        What was found, and whether the choice matters, in words.
    users, gap_count
        How many users have an event, and how many gaps there are between two of one user.
    under_a_second
        How many of the gaps are shorter than a second. No person makes these: they are in no visit
        but the one at hand, and take no part in the search for a valley.
    gaps
        All other gaps, counted on a logarithmic scale: ``from_seconds`` and ``to_seconds`` (float:
        the one of which a bin begins with, and the one behind it; the last bin holds longer ones
        too), ``gaps`` (int64). From the first bin that has one to the last.
    components
        The two lognormals that were fitted, the shorter one first: ``weight`` (float: its share of
        the gaps), ``median_seconds`` (float), ``spread`` (float: the standard deviation of the
        logarithm to base 2 of seconds, so that 1 is a doubling). No rows where nothing was fitted.
    sensitivity
        What timeouts make of the same events: ``timeout`` (timedelta64), ``sessions`` (int64),
        ``conversion_rate`` (float: the share of sessions with an order, as
        `clicksession.metrics.ConversionRate` has it), ``median_visits_before_order`` (float: as
        `clicksession.metrics.VisitsBeforeOrder` has it). The last two are null where no order
        occurs.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import clicksession as cs
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "events.json.gz"
    >>> log = cs.datasets.write_webshop(path, customers=200, seed=42)
    >>> events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
    >>> found = cs.suggest_timeout(events)
    >>> found.is_clear, found.low < found.timeout < found.high
    (True, True)
    >>> list(found.sensitivity)
    ['timeout', 'sessions', 'conversion_rate', 'median_visits_before_order']
    """

    timeout: timedelta | None
    low: timedelta | None
    high: timedelta | None
    is_clear: bool
    verdict: str
    users: int
    gap_count: int
    under_a_second: int
    gaps: pd.DataFrame
    components: pd.DataFrame
    sensitivity: pd.DataFrame

    def __str__(self) -> str:
        return self.verdict

    def __repr__(self) -> str:
        # It is read, not made: what a session of Python shows is what it says.
        return self.describe()

    def _repr_html_(self) -> str:
        counts = {"users": self.users, "gaps": self.gap_count}
        return Card(
            kind="Suggested timeout",
            name=_said(self.timeout) or "none",
            sentences=[self.verdict],
            figures={"Looked at": counts},
            listings=[_listing("What other timeouts make", self.sensitivity)],
        ).html

    def describe(self) -> str:
        """Return what was looked at, and what was found, in words.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import clicksession as cs
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "events.json.gz"
        >>> log = cs.datasets.write_webshop(path, customers=200, seed=42)
        >>> events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
        >>> print(cs.suggest_timeout(events).describe())
        Of ... gaps between consecutive events of ... users. A clear valley at ...
        """
        looked = f"{self.gap_count:,} gaps between consecutive events of {self.users:,} users"
        return f"Of {looked}. {self.verdict}"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the gaps, with the valley and the timeout.

        Parameters
        ----------
        ax
            The `matplotlib.axes.Axes` to draw on; left out, new ones.

        Returns
        -------
        Axes
            What was drawn on.

        Raises
        ------
        MissingExtraError
            There is no matplotlib, which the extra ``plots`` brings.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import clicksession as cs
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "events.json.gz"
        >>> log = cs.datasets.write_webshop(path, customers=200, seed=42)
        >>> events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
        >>> cs.suggest_timeout(events).plot().get_xscale()
        'log'
        """
        return plots.gaps(self, ax=ax)


class TimeoutSuggestions(Mapping[Hashable, TimeoutSuggestion]):
    """A suggestion for each value that divides a log: a mapping, in the order of the values.

    Events without a value are under None, the last.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import clicksession as cs
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "events.json.gz"
    >>> log = cs.datasets.write_webshop(path, customers=200, seed=42)
    >>> events = cs.read_events(log, schema=cs.EventSchema.preset("webshop"))
    >>> found = cs.suggest_timeout(events.assign(half=events["user_id"] % 2), by="half")
    >>> list(found), found[0].is_clear
    ([0, 1], True)
    """

    def __init__(self, by: str, found: Mapping[Hashable, TimeoutSuggestion]) -> None:
        self._by, self._found = by, dict(found)

    def __getitem__(self, key: Hashable) -> TimeoutSuggestion:
        return self._found[key]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        verdicts = {str(key): one.verdict for key, one in islice(self.items(), _SHOWN)}
        listing = _listing(f"For each {self._by}", self.table.drop(columns="verdict"))
        return Card(kind="Suggested timeouts", facts=verdicts, listings=[listing]).html

    def __str__(self) -> str:
        return "\n".join(f"{key}: {one.verdict}" for key, one in self.items())

    @property
    def by(self) -> str:
        """The column whose values divide the log."""
        return self._by

    @property
    def table(self) -> pd.DataFrame:
        """A row for each suggestion: the value, and what is one number or text of it."""
        found = self._found.values()
        durations = {
            name: pd.Series([getattr(one, name) for one in found], dtype="timedelta64[us]")
            for name in ("timeout", "low", "high")
        }
        return pd.DataFrame(
            {
                self._by: list(self._found),
                **durations,
                "is_clear": np.array([one.is_clear for one in found], dtype=bool),
                "users": np.array([one.users for one in found], dtype=np.int64),
                "gap_count": np.array([one.gap_count for one in found], dtype=np.int64),
                "verdict": pd.Series([one.verdict for one in found], dtype="str"),
            }
        )


def _listing(title: str, table: pd.DataFrame) -> Listing:
    """Return a table as a display shows it, with durations in words."""
    told = table.dropna(axis="columns", how="all")
    rows = ([_said(value) for value in row] for row in told.itertuples(index=False))
    return listing_of(title, list(map(str, told)), rows, len(told))


def _said(value: Any) -> Any:
    is_duration = isinstance(value, timedelta) and not pd.isna(value)
    return in_words(value) if is_duration else value
