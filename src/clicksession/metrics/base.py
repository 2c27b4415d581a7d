"""What every metric has: a statement, a number, a sentence."""

from abc import ABC, abstractmethod
from typing import Any

from sqlalchemy import Select

from clicksession.metrics.execution import scalar
from clicksession.sql.tables import Tables

__all__ = ["Metric"]


class Metric(ABC):
    """A named definition. Its parameters are its choices; its sentence is made from them."""

    @abstractmethod
    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement, over these tables, with one row and one column."""

    @abstractmethod
    def describe(self) -> str:
        """Return the definition as an English sentence."""

    def compute(self, data: Any, *, tables: Tables | None = None) -> float | None:
        """Return the number, or None where nothing can be counted.

        Parameters
        ----------
        data
            Where the sessions are: a SQLAlchemy `Engine` or `Connection`, a database URL, or a
            frame that `sessionize` made. Over a frame, the same statement runs in an embedded
            DuckDB.
        tables
            Which tables of the database; left out: ``events`` and ``sessions``.

        Raises
        ------
        ParameterError
            `data` is none of these, or a frame that was not sessionized.
        """
        value: float | None = scalar(self.select, data, tables)
        return value
