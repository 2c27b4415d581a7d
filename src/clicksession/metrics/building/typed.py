"""What type checkers are told of answers: which are numbers, and of which library a frame is."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic

from clicksession.metrics.building.scope import By

__all__ = ["AnswersNumber", "AnswersTable", "B"]

if TYPE_CHECKING:
    from typing import Self, TypedDict, Unpack, overload

    import pandas as pd
    import polars as pl
    from sqlalchemy import URL, Connection, Engine
    from typing_extensions import TypeVar

    from clicksession.rules import Rules
    from clicksession.schema import EventSchema
    from clicksession.sql.tables import Tables

    #: What `by` of a metric is: an empty tuple where it is left out.
    B = TypeVar("B", bound=By | Sequence[By], default=tuple[()], covariant=True)
    Words = Mapping[str, Any] | EventSchema | None
    Users = str | Sequence[str]
    Pandas = pd.DataFrame | Engine | Connection | URL | str

    class OfFrame(TypedDict, total=False):
        """What a frame can be asked with."""

        user: Users
        time: str
        rules: Rules | None
        vocabulary: Words

    class Asked(OfFrame, total=False):
        """What anything can be asked with."""

        tables: Tables | None

else:
    from typing import TypeVar

    B = TypeVar("B")


class AnswersNumber(Generic[B]):
    """One number; with `by`, a table."""

    if TYPE_CHECKING:

        @overload
        @classmethod
        def preset(cls, name: str, *, by: By | Sequence[By], **changes: Any) -> Any: ...
        @overload
        @classmethod
        def preset(cls, name: str, **changes: Any) -> Self: ...
        @classmethod
        def preset(cls, name: str, **changes: Any) -> Any:
            """See `Metric`."""

        @overload
        def compute(
            self: "AnswersNumber[tuple[()]]", data: Any, **asked: Unpack[Asked]
        ) -> float | None: ...
        @overload
        def compute(self, data: Pandas, **asked: Unpack[Asked]) -> pd.DataFrame: ...
        @overload
        def compute(self, data: pl.DataFrame, **asked: Unpack[OfFrame]) -> pl.DataFrame: ...
        @overload
        def compute(self, data: Any, **asked: Unpack[Asked]) -> Any: ...
        def compute(self, data: Any, **more: Any) -> Any:
            """See `Metric`."""


class AnswersTable:
    """A table, with `by` or without."""

    if TYPE_CHECKING:

        @overload
        def compute(self, data: Pandas, **asked: Unpack[Asked]) -> pd.DataFrame: ...
        @overload
        def compute(self, data: pl.DataFrame, **asked: Unpack[OfFrame]) -> pl.DataFrame: ...
        @overload
        def compute(self, data: Any, **asked: Unpack[Asked]) -> Any: ...
        def compute(self, data: Any, **more: Any) -> Any:
            """See `Metric`."""
