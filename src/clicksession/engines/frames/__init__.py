"""Which library a frame is of, and what that library must be able to do.

A frame's library is told by the name of its class, so that a library is imported only where a
frame of it is given: its caller has imported it already.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import cast

from clicksession.engines.frames.base import Eager, Lazy
from clicksession.errors import ParameterError

__all__ = ["Eager", "Lazy", "in_memory", "library_of"]

# The class that a frame is of, by the package and name of the class.
_LIBRARIES = {
    ("duckdb", "DuckDBPyRelation"): "duckdb:DuckDB",
    ("ibis", "Table"): "ibis:Ibis",
    ("pandas", "DataFrame"): "pandas:Pandas",
    ("polars", "DataFrame"): "polars:Polars",
    ("polars", "LazyFrame"): "lazy_polars:LazyPolars",
    ("pyarrow", "Table"): "arrow:Arrow",
    ("pyspark", "DataFrame"): "spark:Spark",
}
_KINDS = (
    "a frame: pandas.DataFrame, polars.DataFrame or LazyFrame, pyarrow.Table, "
    "a DuckDB relation, ibis.Table or a PySpark DataFrame"
)
_IN_MEMORY = "a frame in memory: pandas.DataFrame, polars.DataFrame or pyarrow.Table"


def in_memory(frame: object, *, who: str, parameter: str, hint: str = "") -> Eager:
    """Return what works with a frame in memory; `hint` is said of what is none.

    Raises
    ------
    ParameterError
        No frame, or one that is not in memory: how it gets there.
    """
    library = library_of(frame, who=who, parameter=parameter, must=_IN_MEMORY, hint=hint)
    if isinstance(library, Eager):
        return library
    ways = f"{library.way_out} {hint}".strip()
    raise ParameterError(who, parameter, _IN_MEMORY, type(frame).__name__, ways)


def library_of(
    frame: object, *, who: str, parameter: str, must: str = _KINDS, hint: str = ""
) -> Eager | Lazy:
    """Return what works with a frame of this type; `must` and `hint` are said of what is none.

    Raises
    ------
    ParameterError
        No frame, or one of a library that is not known.
    """
    for name in _names(type(frame)):
        if name in _LIBRARIES:
            module, _, kind = _LIBRARIES[name].partition(":")
            made = getattr(import_module(f"{__name__}.{module}"), kind)()
            return cast("Eager | Lazy", made)
    raise ParameterError(who, parameter, must, type(frame).__name__, hint)


def _names(kind: type) -> Iterator[tuple[str, str]]:
    for ancestor in kind.__mro__:
        package = ancestor.__module__.partition(".")[0].lstrip("_")
        yield package, ancestor.__name__
