"""Polars' lazy frames: the expressions go into the query, and Polars runs them."""

from collections.abc import Mapping, Sequence

import polars as pl

from clicksession.arrow import ENDLESS
from clicksession.engines.columns import NANOSECONDS
from clicksession.engines.frames.base import InWords, Kind, OnArrays
from clicksession.engines.frames.polars import Polars
from clicksession.engines.splitting import split_frame
from clicksession.rules import Rules
from clicksession.windows import ADDED, added_columns
from clicksession.windows.words import Window, free_name

__all__ = ["LazyPolars"]

_ADDED_TYPES = dict(zip(ADDED, (pl.String(), pl.Int64(), pl.String()), strict=True))


class LazyPolars(InWords):
    """polars.LazyFrame. Asking for its schema runs nothing."""

    name = "Polars"
    way_out = "Collect the frame first."

    def columns(self, frame: pl.LazyFrame) -> list[str]:
        """Return the names of the schema."""
        return frame.collect_schema().names()

    def kind(self, frame: pl.LazyFrame, name: str) -> Kind:
        """Look into the schema."""
        kind = frame.collect_schema()[name]
        is_text = isinstance(kind, pl.String | pl.Categorical | pl.Enum)
        return Kind(
            str(kind),
            is_user=is_text or kind.is_integer(),
            is_time=isinstance(kind, pl.Datetime),
            is_flag=isinstance(kind, pl.Boolean),
            is_duration=isinstance(kind, pl.Duration),
        )

    def sessionized(self, frame: pl.LazyFrame, rules: Rules, user: str, time: str) -> pl.LazyFrame:
        """Return the query with the steps of the plan behind it, or with arrays as one of them."""
        if rules.gaps_decide:
            return _cut_by_arrays(frame, rules, user, time)
        made: pl.LazyFrame = super().sessionized(frame, rules, user, time)
        return made

    def in_passes(
        self, frame: pl.LazyFrame, rules: Rules, user: str, on_arrays: OnArrays
    ) -> pl.LazyFrame:
        """Let arrays cut the sessions when the query runs."""
        schema = frame.collect_schema()
        added = {name: _ADDED_TYPES[name] for name in added_columns(rules, schema.names())}
        return frame.map_batches(on_arrays, schema={**schema, **added})

    def must_pass(self, rules: Rules, names: Sequence[str]) -> bool:
        """Leave to arrays whatever depends on an order, since an id may be null."""
        return bool(rules.sequential) or rules.order_decides

    # The words.

    def numbered(self, frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
        """Count the rows, which have an order."""
        return frame.with_row_index(name)

    def column(self, frame: pl.LazyFrame, name: str) -> pl.Expr:
        """Return the column."""
        return pl.col(name)

    def step(self, frame: pl.LazyFrame, name: str, columns: Mapping[str, pl.Expr]) -> pl.LazyFrame:
        """Return the query with more columns."""
        return frame.with_columns(**columns)

    def chosen(self, frame: pl.LazyFrame, columns: Mapping[str, pl.Expr]) -> pl.LazyFrame:
        """Return the query with these columns."""
        return frame.select(**columns)

    def value(self, value: int | str) -> pl.Expr:
        """Return a literal."""
        return pl.lit(value, pl.Int64 if isinstance(value, int) else pl.String)

    def case(self, cases: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr | None) -> pl.Expr:
        """Return a chain of ``when`` and ``then``."""
        made = otherwise if otherwise is not None else pl.lit(None)
        for condition, value in reversed(cases):
            made = pl.when(condition).then(value).otherwise(made)
        return made

    def is_null(self, column: pl.Expr) -> pl.Expr:
        """Return ``is_null``."""
        return column.is_null()

    def whose(self, frame: pl.LazyFrame, name: str) -> pl.Expr:
        """Return the column; categories as the texts that they are."""
        return self._plain(frame, name)

    def given(self, frame: pl.LazyFrame, name: str) -> pl.Expr:
        """Return the column; texts that are not empty."""
        column = self._plain(frame, name)
        is_text = isinstance(frame.collect_schema()[name], pl.String | pl.Categorical | pl.Enum)
        return pl.when(column != "").then(column) if is_text else column

    def remainder(self, column: pl.Expr, divisor: int) -> pl.Expr:
        """Return the remainder of the quotient that is rounded down."""
        return column % divisor

    def text(self, column: pl.Expr) -> pl.Expr:
        """Cast."""
        return column.cast(pl.String)

    def joined(self, *texts: pl.Expr) -> pl.Expr:
        """Return a concatenation, null where one is."""
        return pl.concat_str(*texts)

    def replaced(self, text: pl.Expr, old: str, new: str) -> pl.Expr:
        """Replace what is meant as it stands, and not as a pattern."""
        return text.str.replace_all(pl.lit(old), pl.lit(new), literal=True)

    def nanoseconds_per_unit(self, frame: pl.LazyFrame, time: str) -> int:
        """Look into the schema."""
        kind = frame.collect_schema()[time]
        assert isinstance(kind, pl.Datetime)
        return NANOSECONDS[kind.time_unit]

    def lacks_instant(self, frame: pl.LazyFrame, time: str) -> pl.Expr:
        """Compare counts: the last ones either way stand for infinity."""
        count = pl.col(time).to_physical()
        return count.is_null() | (count == ENDLESS) | (count == -ENDLESS)

    def instant(self, frame: pl.LazyFrame, time: str) -> pl.Expr:
        """Return what Polars keeps: a count, in UTC."""
        return pl.col(time).to_physical()

    def microseconds(self, frame: pl.LazyFrame, time: str) -> pl.Expr:
        """Divide or multiply whole numbers."""
        unit, count = self.nanoseconds_per_unit(frame, time), pl.col(time).to_physical()
        return count // 1000 if unit == 1 else count * (unit // 1000)

    def duration(self, frame: pl.LazyFrame, name: str, unit: int) -> pl.Expr:
        """Divide or multiply what Polars keeps: a count."""
        kind = frame.collect_schema()[name]
        assert isinstance(kind, pl.Duration)
        has, count = NANOSECONDS[kind.time_unit], pl.col(name).to_physical()
        return count * (has // unit) if has >= unit else count // (unit // has)

    def local(self, microsecond: pl.Expr, zone: str) -> pl.Expr:
        """Ask Polars, which knows zones."""
        instant = microsecond.cast(pl.Datetime("us", "UTC"))
        return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None).to_physical()

    def previous(self, column: pl.Expr, window: Window) -> pl.Expr:
        """Shift."""
        return self._over(column.shift(1), window)

    def row_number(self, window: Window) -> pl.Expr:
        """Count."""
        return self._over(pl.int_range(1, pl.len() + 1), window)

    def first(self, column: pl.Expr, window: Window) -> pl.Expr:
        """Return ``first``."""
        return self._over(column.first(), window)

    def running_sum(self, column: pl.Expr, window: Window) -> pl.Expr:
        """Return ``cum_sum``."""
        return self._over(column.cum_sum(), window)

    def running_max(self, column: pl.Expr, window: Window) -> pl.Expr:
        """Return ``cum_max``, which is null where its row is, with the gaps filled."""
        return self._over(column.cum_max().forward_fill(), window)

    def earlier_max(self, column: pl.Expr, window: Window) -> pl.Expr:
        """Shift what `running_max` gives."""
        return self._over(column.cum_max().forward_fill().shift(1), window)

    def where(self, frame: pl.LazyFrame, condition: pl.Expr) -> pl.LazyFrame:
        """Filter."""
        return frame.filter(condition)

    def grouped(
        self,
        frame: pl.LazyFrame,
        name: str,
        keys: Sequence[str],
        columns: Mapping[str, tuple[str, str]],
    ) -> pl.LazyFrame:
        """Return a group-by; counts are signed, as everywhere."""
        made = {
            key: pl.col(of).count().cast(pl.Int64) if how == "count" else getattr(pl.col(of), how)()
            for key, (how, of) in columns.items()
        }
        return frame.group_by(keys).agg(**made)

    def quotient(self, column: pl.Expr, divisor: int) -> pl.Expr:
        """Return a float."""
        return column / divisor

    def _plain(self, frame: pl.LazyFrame, name: str) -> pl.Expr:
        kind, column = frame.collect_schema()[name], pl.col(name)
        return column.cast(pl.String) if isinstance(kind, pl.Categorical | pl.Enum) else column

    def _over(self, column: pl.Expr, window: Window) -> pl.Expr:
        return column.over(window.partition, order_by=window.order)


def _cut_by_arrays(frame: pl.LazyFrame, rules: Rules, user: str, time: str) -> pl.LazyFrame:
    """Return the query with an expression over two columns, in which arrays cut the sessions.

    Polars' windows take three times as long. Of an expression the optimizer knows which columns it
    looks at: no other is read that nobody asks for.
    """
    schema = frame.collect_schema()
    added = {name: _ADDED_TYPES[name] for name in added_columns(rules, schema.names())}
    made = free_name("sessions", schema)

    def cut(columns: Sequence[pl.Series]) -> pl.Series:
        library, events = Polars(), pl.DataFrame(columns)
        split = split_frame(library.face(events, events.columns), rules, user=user, time=time)
        found = library.with_taken(events, *split.added(added))
        return found.select(*added).to_struct(made)

    looked_at = list(dict.fromkeys((user, time)))
    cutting = pl.map_batches(looked_at, cut, return_dtype=pl.Struct(added))
    fields = {name: pl.col(made).struct.field(name) for name in added}
    return frame.with_columns(cutting.alias(made)).with_columns(**fields).drop(made)
