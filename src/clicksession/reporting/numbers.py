"""How numbers, times and texts are written on a page: alike in every locale."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

__all__ = ["counted", "day", "moment", "number", "percent", "shortened"]

# Not those of the locale: the same target gives the same page.
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_LONGEST = 160


def number(value: float) -> str:
    """Return a number to at most two decimals.

    Examples
    --------
    >>> number(2.0), number(12345), number(5.5238)
    ('2', '12,345', '5.52')
    """
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    # What is more than nothing is not shown as nothing.
    return text if value == 0 or text not in ("0", "-0") else f"{value:.2g}"


def percent(share: float | None) -> str:
    """Return a share as a percentage; of no share, nothing.

    Examples
    --------
    >>> percent(0.5), percent(0.1234), percent(0.0004), percent(None)
    ('50 %', '12.3 %', '<0.1 %', '')
    """
    if share is None or share != share:
        return ""
    if 0 < share < 0.0005:
        return "<0.1 %"
    # What is not all is not shown as all.
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{f'{share * 100:.1f}'.removesuffix('.0')} %"


def counted(count: int, one: str, several: str = "") -> str:
    """Return a count with what is counted.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def day(value: date, unit: str = "day") -> str:
    """Return a day, or the month that begins with it.

    Examples
    --------
    >>> day(date(2024, 5, 1)), day(date(2024, 5, 1), "month")
    ('1 May 2024', 'May 2024')
    """
    words = f"{_MONTHS[value.month - 1]} {value.year}"
    return words if unit == "month" else f"{value.day} {words}"


def moment(value: datetime, zone: str) -> str:
    """Return a time to the minute, in a zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment(datetime(2024, 5, 1, 10, tzinfo=UTC), "Europe/Amsterdam")
    '1 May 2024, 12:00'
    """
    here = value.astimezone(ZoneInfo(zone))
    return f"{day(here)}, {here.hour:02}:{here.minute:02}"


def shortened(text: str) -> str:
    """Return a text of a log, cut where it is long.

    Examples
    --------
    >>> shortened("a"), len(shortened("a" * 1000))
    ('a', 160)
    """
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
