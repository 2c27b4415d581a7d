"""Several definitions side by side."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.metrics.base import NumberMetric
from clicksession.metrics.building.answers import as_frame, as_given
from clicksession.metrics.building.execution import opened
from clicksession.metrics.building.whose import Columns
from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.sql.tables import Tables

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from clicksession.metrics.building.typed import Asked, OfFrame, Pandas

__all__ = ["compare"]

_MUST = "metrics of one number, in a list, or by name in a dict"


@overload
def compare(
    definitions: Mapping[str, Any] | Iterable[Any], data: "Pandas", **asked: "Unpack[Asked]"
) -> "pd.DataFrame": ...
@overload
def compare(
    definitions: Mapping[str, Any] | Iterable[Any],
    data: "pl.DataFrame",
    **asked: "Unpack[OfFrame]",
) -> "pl.DataFrame": ...
@overload
def compare(
    definitions: Mapping[str, Any] | Iterable[Any], data: Any, **asked: "Unpack[Asked]"
) -> Any: ...
@keywords()
def compare(
    definitions: Mapping[str, Any] | Iterable[Any],
    data: Any,
    *,
    user: str | Sequence[str] = "user_id",
    time: str = "timestamp",
    tables: Tables | None = None,
    rules: Rules | None = None,
    vocabulary: Mapping[str, Any] | EventSchema | None = None,
) -> Any:
    """Return what several definitions give on the same data, each with its sentence.

    Parameters
    ----------
    definitions
        Metrics of one number, without `by`; a dict gives them names.
    data, user, time, tables, rules, vocabulary
        Where the events are, and what they are called: as for `Metric.compute`.

    Returns
    -------
    DataFrame
        Of Polars or Arrow where `data` is one, else of pandas. A row for each definition, in their
        order: ``name`` (text; what the dict says, else the metric's column), ``metric`` (its
        class), ``value`` (float; null where nothing can be counted) and ``definition`` (the
        sentence).

    Raises
    ------
    ParameterError
        One of them is no metric of one number.
    NothingFoundError
        One of them names events of which none occurs.

    Examples
    --------
    >>> import pandas as pd
    >>> from clicksession.metrics import VisitsBeforeOrder
    >>> events = pd.DataFrame({
    ...     "user_id": [7, 7],
    ...     "timestamp": pd.to_datetime(["2024-05-01", "2024-05-02"]),
    ...     "event_type": ["page_view", "placed_order"],
    ... })
    >>> both = {"without": VisitsBeforeOrder(), "with": VisitsBeforeOrder(current="included")}
    >>> compare(both, events)[["name", "value"]]
          name  value
    0  without    1.0
    1     with    2.0
    """
    named = _named(definitions)
    with opened(data, tables, rules, vocabulary, whose=Columns(user, time)) as place:
        rows = [
            (name, type(metric).__name__, place.answer(metric), place.named(metric).describe())
            for name, metric in named
        ]
    return as_given(as_frame(["name", "metric", "value", "definition"], rows), data)


def _named(definitions: Any) -> list[tuple[str, NumberMetric]]:
    if isinstance(definitions, Mapping):
        pairs = list(definitions.items())
    elif isinstance(definitions, Iterable):
        pairs = [(getattr(metric, "column", ""), metric) for metric in definitions]
    else:
        raise ParameterError("compare", "definitions", _MUST, definitions)
    for _, metric in pairs:
        if not isinstance(metric, NumberMetric) or metric.gives_table:
            raise ParameterError("compare", "definitions", _MUST, metric)
    return pairs
