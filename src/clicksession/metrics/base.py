"""What every metric has: a statement, an answer, a sentence."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select

from clicksession.display import Card, call, differing
from clicksession.errors import ParameterError, UnknownNameError, did_you_mean
from clicksession.keywords import keywords
from clicksession.metrics.building.answers import as_given
from clicksession.metrics.building.asked import Asked
from clicksession.metrics.building.execution import opened, words_of
from clicksession.metrics.building.occurring import Looked
from clicksession.metrics.building.scope import By, Period, Scope, scope_of
from clicksession.metrics.building.spelled import read, typed
from clicksession.metrics.building.typed import AnswersNumber, AnswersTable, B
from clicksession.metrics.building.whose import Columns
from clicksession.metrics.building.window import Moment
from clicksession.metrics.roles import Name, Role, in_words, named, types_of
from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.sql.statistics import Statistic, check_statistic, nulls_last, summary
from clicksession.sql.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Metric", "NumberMetric", "StatisticMetric", "TableMetric"]


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """A named definition. Its parameters are its choices; its sentence is made from them.

    Parameters
    ----------
    by
        Answer for each value of these: a column of the sessions table, a column of the session's
        first event, or a `Period`; one or several in a tuple. ``"hour"``, ``"day"``, ``"week"`` and
        ``"month"`` are periods in UTC; ``sqlalchemy.column("day")`` is a column of that name.
    where
        Only the sessions that this SQLAlchemy expression keeps; the others are as if they had
        never been. Its columns are found by name, in the same places as those of `by`.
    since, until
        Only what lies in this window of time counts, from `since` up to, and without, `until`;
        either may be left out. What counts is what `by` tells apart, and it lies where the session
        that `by` asks began. All else is history, and stays known: who was there before the window
        is not new in it. A text in ISO 8601, a datetime, or a date for its first moment; what says
        no zone is UTC.

    Examples
    --------
    >>> from clicksession.metrics import SessionDuration
    >>> print(SessionDuration(statistic="p90", by="day").describe())
    The 90th percentile, over all sessions, of the minutes from a session's first event to its
    last. For each day in UTC.
    """

    by: By | Sequence[By] = ()
    where: ColumnElement[bool] | None = None
    since: Moment | None = None
    until: Moment | None = None

    def __init_subclass__(cls) -> None:
        """Keep the short text of a metric: a dataclass writes its own where a class has none."""
        if "__repr__" not in vars(cls):
            cls.__repr__ = Metric.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return call(self, {name: typed(value) for name, value in self._given.items()})

    def _repr_html_(self) -> str:
        facts = {name: read(value) for name, value in self._given.items()}
        columns = ", ".join(column.name for column in self.select().selected_columns)
        facts["gives"] = f"{'a table:' if self.gives_table else 'one number:'} {columns}"
        name, sentence = type(self).__name__, self.describe()
        return Card(kind="Metric", name=name, sentences=[sentence], facts=facts).html

    def __post_init__(self) -> None:
        """Check the parameters; what is one of several becomes a tuple, a time one of UTC."""
        scope = self._scope
        object.__setattr__(self, "by", scope.by)
        object.__setattr__(self, "since", scope.window.since)
        object.__setattr__(self, "until", scope.window.until)
        self._check()
        self._check_names()

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Self:
        """Return a definition that has a name: a vendor's, or that of a published solution.

        Parameters
        ----------
        name
            `presets` has them all. `EngagementRate` and `BounceRate`: ``"ga4"``, ``"posthog"`` and
            ``"snowplow"``. `VisitsBeforeOrder` and `MinutesBeforeOrder`: ``"V1"`` to ``"V9"``, of
            which "Five answers to one question" in the documentation tells. Others have none.
        changes
            Parameters that differ from the preset's own, such as what an order is called.

        Raises
        ------
        UnknownNameError
            There is no such preset, or no such parameter.

        Examples
        --------
        >>> from clicksession.metrics import BounceRate, VisitsBeforeOrder
        >>> VisitsBeforeOrder.preset("V5", order_events="purchase").order_events
        ('purchase',)
        >>> BounceRate.preset("posthog", by="day") == BounceRate(definition="posthog", by="day")
        True
        """
        presets = cls._presets()
        if name not in presets:
            hint = "" if presets else "It has none: name its parameters."
            raise UnknownNameError(f"preset of {cls.__name__}", str(name), presets, hint)
        known = [each.name for each in fields(cls)]
        for parameter in changes:
            if parameter not in known:
                raise UnknownNameError(f"parameter of {cls.__name__}", parameter, known)
        return cls(**{**presets[name], **changes})

    @classmethod
    def presets(cls) -> dict[str, Self]:
        """Return the definitions that have a name, by it.

        Examples
        --------
        >>> from clicksession.metrics import EngagementRate
        >>> list(EngagementRate.presets())
        ['ga4', 'posthog', 'snowplow']
        """
        return {name: cls.preset(name) for name in cls._presets()}

    @classmethod
    def _presets(cls) -> dict[str, dict[str, Any]]:
        """Return the parameters of each preset."""
        return {}

    @abstractmethod
    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables.

        Examples
        --------
        >>> from clicksession.metrics import Count
        >>> Count().select().selected_columns.keys()
        ['sessions']
        """

    def describe(self) -> str:
        """Return the definition as an English sentence.

        Examples
        --------
        >>> from clicksession.metrics import Count
        >>> Count(by="day").describe()
        'The number of sessions. For each day in UTC.'
        """
        return f"{self._definition()}{self._scope.words(self._counts, self._beside)}"

    def in_words_of(self, vocabulary: Any, *, tables: Tables | None = None) -> Self:
        """Return this metric with its roles played by what a log calls so.

        `describe`, `select`, `to_sql` and `to_dbt` of it name these events. `compute` does so by
        itself over a target, which keeps the vocabulary of its schema.

        Parameters
        ----------
        vocabulary
            Roles with the event types that play them, ``{"order": "purchase"}``; an `EventSchema`
            that says so; or a target that keeps it: an `Engine`, a `Connection` or a database URL.
            Roles that it does not name stay as they are.
        tables
            Which tables of the target; left out: ``events`` and ``sessions``.

        Raises
        ------
        ParameterError
            It is none of these.

        Examples
        --------
        >>> from clicksession import EventSchema
        >>> from clicksession.metrics import ConversionRate
        >>> print(ConversionRate().in_words_of(EventSchema.preset("segment")).describe())
        The share of sessions that have an 'Order Completed' event.
        """
        return in_words(self, words_of(vocabulary, tables))

    @keywords()
    def compute(
        self,
        data: Any,
        *,
        user: str | Sequence[str] = "user_id",
        time: str = "timestamp",
        tables: Tables | None = None,
        rules: Rules | None = None,
        vocabulary: Mapping[str, Any] | EventSchema | None = None,
    ) -> Any:
        """Return the answer.

        Parameters
        ----------
        data
            Where the events are: a SQLAlchemy `Engine` or `Connection`, a database URL, or a frame
            of pandas, Polars or Arrow. Over a frame, the same statement runs in an embedded
            DuckDB; one without ``session_id`` is sessionized there first.
        user, time
            The columns of a frame that say whose an event is and when it was, as `sessionize` was
            told: `by` and `where` find them as ``user_id`` and ``timestamp`` as well. Not for a
            database.
        tables
            Which tables of the database; left out: ``events`` and ``sessions``.
        rules
            What ends a session, for a frame without ``session_id``; left out: a pause of more
            than 30 minutes.
        vocabulary
            What this log calls things, as for `in_words_of`. What it does not say, the vocabulary
            of the target says, and else the library's own.

        Returns
        -------
        float, None or DataFrame
            A metric of one number gives a float, or None where nothing can be counted; with `by`,
            and where a metric is a table, it is a DataFrame with the columns of `select`: of
            Polars or Arrow where `data` is one, else of pandas. Whole numbers beside a null are
            ``Int64`` in pandas. Hours are times in their zone; days, weeks and months are the
            midnight of their first day, without a zone.

        Raises
        ------
        NothingFoundError
            Of the events that the metric names, none is in any session, kept by `where` or not.
            Where there are no events at all, nothing can be counted.
        ParameterError
            `data` is none of these, or has not the columns that the metric asks for, or of another
            type.

        Warns
        -----
        NotFoundWarning
            Some of the events that it names are in no session; the others are counted.

        Examples
        --------
        >>> import pandas as pd
        >>> from clicksession.metrics import SessionDuration
        >>> times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:05"])
        >>> events = pd.DataFrame({"user_id": [7, 7], "timestamp": times})
        >>> SessionDuration().compute(events)
        5.0
        """
        with opened(data, tables, rules, vocabulary, whose=Columns(user, time)) as place:
            return as_given(place.answer(self), data)

    @keywords()
    def plot(
        self,
        data: Any,
        *,
        ax: "Axes | None" = None,
        user: str | Sequence[str] = "user_id",
        time: str = "timestamp",
        tables: Tables | None = None,
        rules: Rules | None = None,
        vocabulary: Mapping[str, Any] | EventSchema | None = None,
    ) -> "Axes":
        """Compute the answer and draw it, under the sentence that defines it.

        A metric with a `statistic` and without `by` draws how often each value occurs that the
        statistic is of, and marks the statistic. With `by`, a number is a line over time where a
        period is among the keys, and a bar for each key where none is. A metric that gives a table
        has a picture of its own: see `clicksession.plots`.

        Parameters
        ----------
        data, user, time, tables, rules, vocabulary
            As for `compute`.
        ax
            Where to draw; left out: on a new figure.

        Returns
        -------
        Axes
            Matplotlib's, that it is drawn on.

        Raises
        ------
        ParameterError
            As of `compute`; or the answer is one number and no statistic, such as a rate or a
            count, which no picture shows; or a `Retention` has a `by`.
        NothingFoundError
            As of `compute`.
        MissingExtraError
            Matplotlib is not installed, which the extra ``plots`` brings.

        Examples
        --------
        >>> import pandas as pd
        >>> from clicksession.metrics import SessionDuration
        >>> times = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 10:05"])
        >>> events = pd.DataFrame({"user_id": [7, 7], "timestamp": times})
        >>> SessionDuration().plot(events).get_xlabel()
        'session duration minutes'
        """
        from clicksession.metrics.pictures import plotted

        place: dict[str, Any] = {"tables": tables, "rules": rules, "vocabulary": vocabulary}
        return plotted(self, data, ax, whose=Columns(user, time), **place)

    @property
    def gives_table(self) -> bool:
        """Whether the answer is a table, not a number."""
        return bool(self.by)

    @property
    def period_columns(self) -> dict[str, Period]:
        """The columns of the answer that are periods, each with what it is."""
        return self._scope.period_columns

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        return self._scope.asks

    @property
    def looks_for(self) -> tuple[Looked, ...]:
        """What its parameters look for among the types of events."""
        return ()

    def shown_by(self, answer: Any) -> frozenset[Name]:
        """Return the events that it names of which an answer shows that they occur."""
        return frozenset()

    def _shown(self, names: Sequence[Name], found: object) -> frozenset[Name]:
        """Return a name of which something was found: of several, an answer does not show which."""
        return frozenset(names) if found and len(names) == 1 else frozenset()

    @abstractmethod
    def _definition(self) -> str:
        """Return the sentence, but for what all metrics have."""

    @property
    def _counts(self) -> str:
        """What lies in the window of `since` and `until`, as a sentence says it."""
        return "sessions count that began"

    @property
    def _beside(self) -> str:
        """What counts beside that from outside of the window, as the sentence goes on."""
        return ""

    def _check(self) -> None:  # noqa: B027  # most have nothing to refuse
        """Refuse parameters that make no sense."""

    def _check_names(self) -> None:
        """Refuse keys that are called as a column of the answer is."""
        if not self.by:
            return
        keys = [called for _, called in self._scope.keys]
        own = [column.name for column in self.select().selected_columns][len(keys) :]
        if set(keys) & set(own):
            must = f"without names that columns of the answer have ({', '.join(own)})"
            raise self._refuse("by", must)

    @property
    def _given(self) -> dict[str, Any]:
        """The parameters that are not as by default."""
        # What is one of several has become a tuple; the default has not.
        usual = {
            each.name: (each.default,) for each in fields(self) if isinstance(each.default, Role)
        }
        given = differing(self).items()
        return {name: value for name, value in given if name not in usual or value != usual[name]}

    def _tables(self, tables: object) -> Tables:
        """Return what a caller gave as `tables`, for a statement."""
        return Tables.given(tables, who=type(self).__name__)

    def _refuse(self, parameter: str, must: str, hint: str = "") -> ParameterError:
        return ParameterError(type(self).__name__, parameter, must, getattr(self, parameter), hint)

    def _choose(self, parameter: str, *allowed: object) -> None:
        if getattr(self, parameter) not in allowed:
            words = [one for one in allowed if isinstance(one, str)]
            near = did_you_mean(str(getattr(self, parameter)), words)
            raise self._refuse(parameter, " or ".join(map(repr, allowed)), near)

    def _names(
        self,
        parameter: str,
        what: str = "event types or roles, at least one",
        *,
        may_be_none: bool = False,
    ) -> None:
        """Keep one or several event types or roles as a tuple."""
        names = named(getattr(self, parameter))
        if names is None or not (names or may_be_none):
            hint = "An event type that is a whole number may be given as one, or as its text."
            raise self._refuse(parameter, what, hint if names is None else "")
        object.__setattr__(self, parameter, names)

    def _types(self, parameter: str) -> tuple[str, ...]:
        """Return the event types that a parameter comes to."""
        return types_of(getattr(self, parameter))

    def _looked(self, parameter: str, *, is_needed: bool = True) -> Looked:
        names = tuple(dict.fromkeys(getattr(self, parameter)))
        return Looked(parameter, names, is_needed, may_be_empty=not is_needed)

    @property
    def _scope(self) -> Scope:
        return scope_of(type(self).__name__, self.by, self.where, self.since, self.until)


@dataclass(frozen=True, kw_only=True)
class NumberMetric(AnswersNumber[B], Metric):
    """A metric whose answer is one number, made of many values.

    `select` gives one row with that number; with `by`, a row for each key, in their order, with
    nulls last: the keys, then the number.
    """

    by: B = ()  # type: ignore[assignment]  # what is left out is an empty tuple

    #: What the step of the values is called.
    _step = "observations"

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        values = self._values(self._tables(tables)).cte(self._step)
        return summary(values, self._called, self._taken, self.column, self._scope.keys)

    @property
    @abstractmethod
    def column(self) -> str:
        """What the column of the number is called."""

    @property
    def _called(self) -> str:
        """What the step calls the values."""
        return "value"

    @property
    def _taken(self) -> Statistic:
        """Which statistic of the values is taken."""
        return "mean"

    @abstractmethod
    def _values(self, tables: Tables) -> Select[Any] | CompoundSelect[Any]:
        """Return the keys and, as `_called`, what the statistic is of."""


@dataclass(frozen=True, kw_only=True)
class StatisticMetric(NumberMetric[B]):
    """A metric whose answer is a statistic that one can choose."""

    statistic: Statistic = "median"

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_statistic(self.statistic, type(self).__name__)
        super().__post_init__()

    def observations(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement of what the statistic is of: each value, and how often it occurs.

        A row for each ``value`` (with `by`, for each of a key, which come first), ascending, with
        ``times``. Values that are null are none.
        """
        values = self._values(self._tables(tables)).cte(self._step)
        value = values.c[self._called]
        keys, labels = self._scope.keys_in(values), self._scope.called_in(values)
        counted = select(*labels, value.label("value"), func.count().label("times"))
        counted = counted.where(value.is_not(None)).group_by(*keys, value)
        return counted.order_by(*nulls_last(keys), value)

    @property
    def _taken(self) -> Statistic:
        return self.statistic

    @property
    def column(self) -> str:
        """What the column of the number is called."""
        # Not every database takes a point in a name.
        return f"{self.statistic.replace('.', '_')}_{self._measured}"

    @property
    @abstractmethod
    def _measured(self) -> str:
        """What the statistic is of, as the name of the column has it."""


@dataclass(frozen=True, kw_only=True)
class TableMetric(AnswersTable, Metric):
    """A metric whose answer is a table: with `by`, the keys are its first columns."""

    @property
    def gives_table(self) -> bool:
        """Whether the answer is a table: always."""
        return True
