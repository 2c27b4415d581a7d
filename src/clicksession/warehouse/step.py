"""One step of a job: a name, what it does, and its SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

__all__ = ["Bounds", "Kind", "Step"]

Kind = Literal["do", "days", "value", "count"]

#: Days as moments: from one, and up to the other without it.
Days = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Bounds:
    """What questions have found, for the steps behind them to take as literals.

    Attributes
    ----------
    days
        By the name of a question, the days that it gave; what was not asked is not bounded.
    values
        By the name of a question, the one value that it gave.

    Examples
    --------
    >>> Bounds(values={"mark": 7}).values["mark"]
    7
    """

    days: Mapping[str, Days] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One statement of a job.

    Parameters
    ----------
    name
        What it is called.
    does
        What it does, in a sentence.
    kind
        ``"do"``; ``"days"`` or ``"value"``, for a question: which days, or which one value, the
        steps behind it that name it in `takes` take as literals; ``"count"``, for a number that a
        run reports.
    takes
        The questions whose answers it takes.

    Examples
    --------
    >>> from clicksession.warehouse import incremental
    >>> made = incremental("clicks", "duckdb", columns=["event_id", "user_id", "timestamp"])
    >>> question = next(step for step in made.steps if step.name == "mark")
    >>> print(question.does)
    Ask up to which mark the sessions follow the events.
    >>> print(question.sql)
    SELECT coalesce(max(sessions.changed_in), 0) AS mark
    FROM sessions
    """

    name: str
    does: str
    made: Callable[[Bounds], str] = field(repr=False, compare=False)
    kind: Kind = "do"
    takes: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The statement without literals: run by hand, it reads more and does the same.

        Without a semicolon.
        """
        return self.made(Bounds())

    def bounded(self, bounds: Bounds) -> str:
        """Return the statement with what questions have found, as literals.

        Parameters
        ----------
        bounds
            What they have found so far.

        Examples
        --------
        >>> from clicksession.warehouse import incremental
        >>> made = incremental("clicks", "duckdb", columns=["event_id", "user_id", "timestamp"])
        >>> (step,) = (step for step in made.steps if step.name == "make sessions_new")
        >>> "events.changed_in > 7" in step.bounded(Bounds(values={"mark": 7}))
        True
        """
        return self.made(bounds)
