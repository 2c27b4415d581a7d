"""What every metric has: a statement, an answer, a sentence."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select

from clicksession.errors import ParameterError
from clicksession.metrics.execution import answer
from clicksession.metrics.scope import By, Scope, scope_of
from clicksession.rules import Rules
from clicksession.sql.statistics import Statistic, check_statistic, summary
from clicksession.sql.tables import Tables

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
    """

    by: By | tuple[By, ...] = ()
    where: ColumnElement[bool] | None = None

    def __post_init__(self) -> None:
        """Check the parameters; what is one of several becomes a tuple."""
        scope = scope_of(type(self).__name__, self.by, self.where)
        object.__setattr__(self, "by", scope.by)
        self._check()
        self._check_names()

    @abstractmethod
    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""

    def describe(self) -> str:
        """Return the definition as an English sentence."""
        return f"{self._definition()}{self._scope.words()}"

    def compute(
        self, data: Any, *, tables: Tables | None = None, rules: Rules | None = None
    ) -> Any:
        """Return the answer.

        Parameters
        ----------
        data
            Where the events are: a SQLAlchemy `Engine` or `Connection`, a database URL, or a frame
            of pandas, Polars or Arrow. Over a frame, the same statement runs in an embedded
            DuckDB; one without ``session_id`` is sessionized there first.
        tables
            Which tables of the database; left out: ``events`` and ``sessions``.
        rules
            What ends a session, for a frame without ``session_id``; left out: a pause of more
            than 30 minutes.

        Returns
        -------
        float, None or DataFrame
            A metric of one number gives a float, or None where nothing can be counted; with `by`,
            and where a metric is a table, it is a pandas DataFrame with the columns of `select`;
            whole numbers beside a null are ``Int64``, hours are times in their zone.

        Raises
        ------
        ParameterError
            `data` is none of these, or has not the columns that the metric asks for.
        """
        return answer(self, data, tables, rules)

    @property
    def gives_table(self) -> bool:
        """Whether the answer is a table, not a number."""
        return bool(self.by)

    @property
    def hour_zones(self) -> dict[str, str]:
        """What the columns of the answer that are hours are called, each with its zone."""
        return self._scope.hour_zones

    @property
    def event_columns(self) -> list[str]:
        """The columns that this metric asks of the events, beside those that all have."""
        return self._scope.event_columns()

    @abstractmethod
    def _definition(self) -> str:
        """Return the sentence, but for `by` and `where`."""

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

    def _refuse(self, parameter: str, must: str) -> ParameterError:
        return ParameterError(type(self).__name__, parameter, must, getattr(self, parameter))

    def _choose(self, parameter: str, *allowed: object) -> None:
        if getattr(self, parameter) not in allowed:
            raise self._refuse(parameter, " or ".join(map(repr, allowed)))

    def _names(self, parameter: str, what: str = "event types, at least one") -> None:
        """Keep one or several names as a tuple."""
        given = getattr(self, parameter)
        names = (given,) if isinstance(given, str) else given
        if (
            not isinstance(names, tuple | list)
            or not names
            or not all(isinstance(name, str) and name for name in names)
        ):
            raise self._refuse(parameter, what)
        object.__setattr__(self, parameter, tuple(names))

    @property
    def _scope(self) -> Scope:
        return scope_of(type(self).__name__, self.by, self.where)


@dataclass(frozen=True, kw_only=True)
class NumberMetric(Metric):
    """A metric whose answer is one number, made of many values.

    `select` gives one row with that number; with `by`, a row for each key, in their order, with
    nulls last: the keys, then the number.
    """

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement over these tables."""
        values = self._values(tables or Tables()).cte(self._step)
        return summary(values, self._called, self._taken, self.column, self._scope.keys)

    @property
    @abstractmethod
    def column(self) -> str:
        """What the column of the number is called."""

    @property
    def _step(self) -> str:
        return "observations"

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
class StatisticMetric(NumberMetric):
    """A metric whose answer is a statistic that one can choose."""

    statistic: Statistic = "median"

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_statistic(self.statistic, type(self).__name__)
        super().__post_init__()

    @property
    def _taken(self) -> Statistic:
        return self.statistic

    @property
    def _prefix(self) -> str:
        """How the name of the column begins: not every database takes a point in a name."""
        return self.statistic.replace(".", "_")


@dataclass(frozen=True, kw_only=True)
class TableMetric(Metric):
    """A metric whose answer is a table: with `by`, the keys are its first columns."""

    @property
    def gives_table(self) -> bool:
        """Whether the answer is a table: always."""
        return True
