"""What a notebook shows of a value: its name, its sentence, its numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Card", "Listing", "listing_of", "templates_of"]

# A display is looked at, not searched: more rows, columns and text would bury what it says.
_ROWS, _COLUMNS, _CHARACTERS = 10, 8, 120


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A small table: the first rows of what may be many.

    Attributes
    ----------
    title
        What it shows, in a few words.
    columns, rows
        The names of the columns, and the rows with a value for each.
    numeric
        The columns that hold numbers, which stand to the right.
    more
        How many rows there are beside these.
    """

    title: str = ""
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    numeric: frozenset[str] = frozenset()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a notebook shows of a value. Texts may come from a log: they are escaped.

    Attributes
    ----------
    kind, name
        What it is, and which one.
    sentences
        What it says.
    figures
        Groups of numbers, each with a label.
    facts
        What is set, with a label for each.
    notes
        What one should know beside that.
    listings
        Small tables.
    folded
        Texts of code that are folded away, by their titles.
    """

    kind: str
    name: str = ""
    sentences: Sequence[str] = ()
    figures: Mapping[str, Mapping[str, int | float | str]] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    notes: Sequence[str] = ()
    listings: Sequence[Listing] = ()
    folded: Mapping[str, str] = field(default_factory=dict)

    @property
    def html(self) -> str:
        """The card as a piece of HTML that stands alone."""
        return _templates().get_template("card.html").render(card=self)


def listing_of(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], count: int
) -> Listing:
    """Return the first rows and columns of a table.

    Parameters
    ----------
    title
        What it shows.
    columns, rows
        The names of its columns, and its rows; only the first rows are taken.
    count
        How many rows it has.

    Examples
    --------
    >>> listing = listing_of("Rows", ["n"], ([n] for n in range(1000)), 1000)
    >>> len(listing.rows), listing.more, listing.numeric
    (10, 990, frozenset({'n'}))
    """
    first = [list(row)[:_COLUMNS] for row in islice(rows, _ROWS)]
    shown = list(columns)[:_COLUMNS]
    numeric = {
        name
        for name, values in zip(shown, zip(*first, strict=True), strict=bool(first))
        if all(hasattr(value, "__int__") for value in values)
    }
    return Listing(
        title=title,
        columns=shown,
        rows=first,
        numeric=frozenset(numeric),
        more=count - len(first),
    )


def templates_of(package: str, *, autoescape: bool = True, **options: Any) -> "Environment":
    """Return the templates of a package; a place in one that nothing fills is an error."""
    # Not with the module: a program that shows no card should not load it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package),
        autoescape=autoescape,  # noqa: S701  # for texts that are no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )


@cache
def _templates() -> "Environment":
    templates = templates_of("clicksession.display")
    templates.filters.update(number=_number, cell=_cell)
    return templates


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _cell(value: Any) -> str:
    """Return a value of a table as text of one line, cut where it is long."""
    # Of missing values, only None is none: all others differ from themselves, or say no equality.
    if value is None or str(value) in ("<NA>", "NaT", "nan"):
        return ""
    text = f"{value:,.6g}" if isinstance(value, float) else str(value)
    cut = text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in cut)
