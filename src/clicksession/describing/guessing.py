"""Which fields of a source look like a user, a time, an id and a type: a guess, and called one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text, is_text
from clicksession.describing.names import NAMES, plain_name, rank_of
from clicksession.describing.sample import Sample
from clicksession.readers.rows.times import Meaning, as_instants
from clicksession.schema import CANONICAL

__all__ = ["Guess", "Sureness", "guesses_of"]

Sureness = Literal["sure", "likely", "weak"]

# Of the values that are there, the share that must be what the column asks for; less of a field
# whose name says it, of which bad values are to be found.
_MOST, _HALF = 0.9, 0.5
_TYPES = 100
_LONGEST_TYPE = 100

# Of times that are not in ISO 8601.
_DATE = r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{4}(\s|$)"
# The day comes first in more of the world; an American log shows it by a month above 12.
_DATE_ORDERS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")


@dataclass(frozen=True)
class Guess:
    """Which field a canonical column may come from.

    Attributes
    ----------
    column
        The canonical column.
    path
        The field that looks like it.
    sureness
        ``"sure"``: it bears the library's own name, or that of a known export, and its values
        fit. ``"likely"``: its name and its values fit. ``"weak"``: its values alone do, or another
        field fits as well.
    why
        What speaks for it.
    time_format
        Of a time that is not ISO 8601: the form that its texts have, or None.

    Examples
    --------
    >>> import clicksession as cs
    >>> guess = cs.describe([{"uid": 7, "at": "2024-05-01 10:00"}]).guesses[0]
    >>> guess.column, guess.path, guess.sureness
    ('user_id', 'uid', 'likely')
    """

    column: str
    path: str
    sureness: Sureness
    why: str
    time_format: str | None = None


def guesses_of(sample: Sample, meaning: Meaning) -> tuple[Guess, ...]:
    """Return the likeliest field for each canonical column that any field looks like."""
    found: dict[str, Guess] = {}
    # What is a time or a user is no id and no type: the surest questions come first.
    for column in ("timestamp", "user_id", "event_id", "event_type"):
        taken = {guess.path for guess in found.values()}
        free = {path: values for path, values in sample.columns.items() if path not in taken}
        guess = _guess(column, free, meaning)
        if guess is not None:
            found[column] = guess
    return tuple(found[column] for column in CANONICAL if column in found)


def _guess(column: str, columns: Mapping[str, pa.ChunkedArray], meaning: Meaning) -> Guess | None:
    named = sorted(
        (rank, path != column, path.count("."), path)
        for path, rank in ((path, rank_of(path, column)) for path in columns)
        if rank is not None and _fits(column, path, columns[path], meaning)
    )
    if named:
        rank, *_, path = named[0]
        others = [other for again, *_, other in named[1:] if again == rank]
        return _by_name(column, path, columns[path], others)
    if column != "timestamp":
        return None
    return _by_form(columns, meaning) or _by_values(columns, meaning)


def _by_name(column: str, path: str, values: pa.ChunkedArray, others: list[str]) -> Guess:
    why = f"its name, and its values: {_said(column, values)}"
    if not others:
        return Guess(column, path, "sure" if path == column else "likely", why)
    why = f"{why}; so do those of {' and '.join(map(repr, others))}"
    return Guess(column, path, "likely" if path == column else "weak", why)


def _by_form(columns: Mapping[str, pa.ChunkedArray], meaning: Meaning) -> Guess | None:
    """Return the field of texts that are times in a form of their own, one called a time first."""
    ranked = sorted((rank_of(path, "timestamp"), path) for path in columns if _is_named(path))
    named = [path for _, path in ranked]
    for path in [*named, *(path for path in columns if path not in named)]:
        forms = _forms_of(columns[path], meaning, _MOST)
        if forms:
            what = "its name, and its values" if path in named else "its values alone"
            why = f"{what}: times such as {_first(columns[path].drop_null())}"
            if forms[1:]:
                why = f"{why}; {' or '.join(map(repr, forms[1:]))} reads them as well"
            sureness: Sureness = "likely" if path in named and not forms[1:] else "weak"
            return Guess("timestamp", path, sureness, why, forms[0])
    return None


def _is_named(path: str) -> bool:
    return rank_of(path, "timestamp") is not None


def _by_values(columns: Mapping[str, pa.ChunkedArray], meaning: Meaning) -> Guess | None:
    """Return the first field of texts or times that are all instants: numbers are anything."""
    for path, values in columns.items():
        text_or_time = pa.types.is_temporal(values.type) or _has_letters_of_times(values)
        if text_or_time and _are_times(values, meaning, _MOST):
            why = f"its values alone: {_said('timestamp', values)}"
            return Guess("timestamp", path, "weak", why)
    return None


def _fits(column: str, path: str, values: pa.ChunkedArray, meaning: Meaning) -> bool:
    """Say whether the values of a field can be those of a column."""
    if pa.types.is_nested(values.type):
        return False
    there = values.drop_null()
    if column == "timestamp":
        return _are_times(there, meaning, _HALF)
    if pa.types.is_boolean(values.type) or pa.types.is_temporal(values.type):
        return False
    distinct = pc.count_distinct(there).as_py()
    if column == "event_id":
        return bool(distinct >= _MOST * len(there))
    if column == "user_id" and plain_name(path) in NAMES["event_id"]:
        # Its name says that it is an id, and not of what: one that comes again is no event's.
        return bool(distinct < _MOST * len(there))
    if column == "event_type":
        few = distinct <= max(_TYPES, len(there) // 10)
        return bool(few and pc.max(pc.utf8_length(as_text(there))).as_py() <= _LONGEST_TYPE)
    return True


def _forms_of(values: pa.ChunkedArray, meaning: Meaning, share: float) -> Sequence[str]:
    """Return the forms by which at least a share of the texts are times, the likeliest first.

    Several: the day and the month may each come first, and the texts do not tell.

    Examples
    --------
    >>> _forms_of(pa.chunked_array([["31.12.2024 10:00", "1.1.2025 9:30"]]), Meaning(), 0.9)
    ['%d.%m.%Y %H:%M']
    >>> _forms_of(pa.chunked_array([["3/1/2024"]]), Meaning(), 0.9)
    ['%d/%m/%Y', '%m/%d/%Y']
    """
    there = values.drop_null()
    if not len(there) or not is_text(there.type) or meaning.forms:
        return []
    dated = there.filter(pc.match_substring_regex(there, _DATE))
    if len(dated) < share * len(there):
        return []
    mark = next(each for each in dated[0].as_py() if each in "./-")
    forms = [order.format(mark) + clock for clock in _CLOCKS for order in _DATE_ORDERS]
    return [form for form in forms if _are_times(there, replace(meaning, forms=(form,)), share)]


def _are_times(values: pa.ChunkedArray, meaning: Meaning, share: float) -> bool:
    there = values.drop_null()
    if not len(there) or pa.types.is_nested(there.type) or pa.types.is_boolean(there.type):
        return False
    refused = as_instants(there, meaning).refused
    return len(there) - len(refused) >= share * len(there)


def _has_letters_of_times(values: pa.ChunkedArray) -> bool:
    """Say whether a field has texts with more than digits in them."""
    if not is_text(values.type):
        return False
    return bool(pc.all(pc.match_substring_regex(values.drop_null(), r"\d[-/:T ]\d")).as_py())


def _said(column: str, values: pa.ChunkedArray) -> str:
    """Return what there is to say of the values of a field."""
    there = values.drop_null()
    distinct = pc.count_distinct(there).as_py()
    facts = {
        "timestamp": lambda: f"times such as {_first(there)}",
        "event_id": lambda: f"{distinct:,} different ones in {len(there):,} rows",
        "user_id": lambda: f"{distinct:,} different ones in {len(there):,} rows",
        "event_type": lambda: f"{', '.join(_few(there))}",
    }
    return facts[column]()


def _first(values: pa.ChunkedArray) -> str:
    return str(values[0].as_py())


def _few(values: pa.ChunkedArray) -> Iterator[str]:
    counted = pc.value_counts(values).to_pylist()
    for each in sorted(counted, key=lambda each: (-each["counts"], str(each["values"])))[:3]:
        yield repr(each["values"])
