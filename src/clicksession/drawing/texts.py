"""The texts of a picture: labels as a log has them, short enough to stand beside a bar."""

import textwrap
from typing import Any

__all__ = [
    "amount",
    "clean",
    "on_axis",
    "percent",
    "percent_on_axis",
    "shortened",
    "wrapped",
]

# What a text has instead of a place to print.
_NO_MARK = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


def clean(value: Any) -> str:
    r"""Return a value as one line of text; a null is said to be one.

    Examples
    --------
    >>> clean("a\n b"), clean(None), clean(7.0)
    ('a b', '(null)', '7')
    """
    if value is None:
        return "(null)"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return " ".join(text.translate(_NO_MARK).split()) or "(empty)"


def shortened(text: str, most: int = 32) -> str:
    """Return a text without its middle, where it is too long: the ends of addresses differ.

    Examples
    --------
    >>> shortened("https://example.org/shop/shoes/42", 20)
    'https://ex…/shoes/42'
    """
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of so many characters."""
    whole = " ".join(text.translate(_NO_MARK).split()).replace(" %", "\N{NO-BREAK SPACE}%")
    return "\n".join(textwrap.wrap(whole, max(width, 20)))


def amount(value: float | None) -> str:
    """Return a number as short as it can be said without being wrong by much.

    Examples
    --------
    >>> amount(1234567), amount(2.0), amount(5.5238), amount(None)
    ('1,234,567', '2', '5.52', 'null')
    """
    if value is None:
        return "null"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """Return a share as a percentage; of nothing there is none.

    Examples
    --------
    >>> percent(0.256), percent(0.0123), percent(None)
    ('26 %', '1.2 %', 'null')
    """
    if share is None:
        return "null"
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.2g} %"


def on_axis(number: float, _: object = None) -> str:
    """Return a number as a mark of an axis says it: in full, since the eye reads between marks.

    Examples
    --------
    >>> on_axis(12500.0), on_axis(0.125)
    ('12,500', '0.125')
    """
    return f"{number:,.6g}" if abs(number) < 1e6 else f"{number:,.0f}"


def percent_on_axis(share: float, _: object = None) -> str:
    """Return a share as a mark of an axis says it.

    Examples
    --------
    >>> percent_on_axis(0.125)
    '12.5 %'
    """
    return f"{on_axis(100 * share)} %"
