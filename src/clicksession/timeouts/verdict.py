"""What was found, in words: no more than the numbers bear."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from clicksession.durations import in_words

__all__ = ["Finding", "verdict"]

# Where neither sessions nor the conversion rate change by more than this share, and the visits
# before an order do not change at all, the choice hardly matters.
_HARDLY = 0.05
# Between which timeouts the sessions are compared where nothing else suggests it: the usual one
# lies between.
_USUAL = (timedelta(minutes=20), timedelta(minutes=45))


@dataclass(frozen=True)
class Finding:
    """A valley that is clear, with its interval; or why there is none."""

    timeout: timedelta | None = None
    low: timedelta | None = None
    high: timedelta | None = None
    lacks: str = "no clear valley"

    @property
    def range(self) -> tuple[timedelta, timedelta]:
        """Between which timeouts one may hesitate."""
        if self.timeout is None:
            return _USUAL
        return self.timeout / 2, self.timeout * 2


def verdict(finding: Finding, sensitivity: pd.DataFrame) -> str:
    """Return what was found, and whether the choice matters, as sentences."""
    found = _found(finding)
    sessions = _change(finding, sensitivity)
    text = f"{found}: {sessions}." if sessions else f"{found}."
    return text[0].upper() + text[1:]


def _found(finding: Finding) -> str:
    if finding.timeout is None or finding.low is None or finding.high is None:
        return finding.lacks
    between = f"{in_words(finding.low)} to {in_words(finding.high)}"
    return f"a clear valley at {in_words(finding.timeout)} (95 % interval {between})"


def _change(finding: Finding, sensitivity: pd.DataFrame) -> str:
    """Say how much the sessions change between timeouts, and whether that matters."""
    near = _between(sensitivity, *finding.range)
    if near is None:
        return ""
    first, last = near
    between = f"between {_words(first['timeout'])} and {_words(last['timeout'])}"
    matters = "matters" if _matters(first, last) else "hardly matters"
    changed = f"{_percent(_share(first, last, 'sessions'))} {between}{_others(first, last)}"
    return f"sessions change by {changed}, so the choice {matters}"


def _between(table: pd.DataFrame, low: timedelta, high: timedelta) -> tuple[Any, Any] | None:
    """Return the longest timeout up to the one and the shortest from the other on."""
    if len(table) < 2 or not table["sessions"].all():
        return None
    before, behind = table[table["timeout"] <= low], table[table["timeout"] >= high]
    first = before.iloc[-1] if len(before) else table.iloc[0]
    last = behind.iloc[0] if len(behind) else table.iloc[-1]
    return (first, last) if first["timeout"] < last["timeout"] else None


def _share(first: Any, last: Any, column: str) -> float:
    return float(abs(first[column] - last[column]) / first[column])


def _matters(first: Any, last: Any) -> bool:
    """Say whether the choice matters, of what can be told."""
    if _share(first, last, "sessions") > _HARDLY:
        return True
    if pd.isna(first["conversion_rate"]):
        return False
    visits = "median_visits_before_order"
    return bool(first[visits] != last[visits]) or _share(first, last, "conversion_rate") > _HARDLY


def _others(first: Any, last: Any) -> str:
    """Say what becomes of orders."""
    if pd.isna(first["conversion_rate"]):
        return ""
    rates = [f"{100 * row['conversion_rate']:.2f} %" for row in (first, last)]
    visits = [f"{row['median_visits_before_order']:g}" for row in (first, last)]
    return (
        f", conversion {_course(*rates)}, and the median of visits before an order "
        f"{_course(*visits)}"
    )


def _course(first: str, last: str) -> str:
    return f"stays at {last}" if first == last else f"goes from {first} to {last}"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else f"{percent:.1f} %"


def _words(timeout: Any) -> str:
    return in_words(pd.Timedelta(timeout).to_pytimedelta())
