"""Answers to draw, small and made by hand, with what a log may hold at its worst."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from clicksession import drawing

HOSTILE = ["$x_1^2$ and $", "_private", "a\nb\t<b>", None, "", "\\frac{a}", "%s {0}", "w" * 200]


def suggestion(**changes: Any) -> Any:
    """What is drawn of a suggestion."""
    edges = 2.0 ** (np.arange(0, 21 * 2 + 1) / 2)
    middles = np.log2(edges[:-1]) + 0.25
    within = 4000 * np.exp(-0.5 * ((middles - 5) / 1.7) ** 2)
    between = 900 * np.exp(-0.5 * ((middles - 16.5) / 1.5) ** 2)
    gaps = {
        "from_seconds": edges[:-1],
        "to_seconds": edges[1:],
        "gaps": np.round(within + between).astype(int),
    }
    components = {"weight": [0.83, 0.17], "median_seconds": [2**5, 2**16.5], "spread": [1.7, 1.5]}
    sensitivity = {
        "timeout": pd.to_timedelta(["10min", "20min", "30min", "45min", "60min"]),
        "sessions": [1240, 1190, 1180, 1175, 1170],
        "conversion_rate": [0.053, 0.055, 0.056, 0.0562, 0.0565],
        "median_visits_before_order": [3.0, 2.0, 2.0, 2.0, 2.0],
    }
    usual = {
        "timeout": timedelta(minutes=30),
        "low": timedelta(minutes=22),
        "high": timedelta(minutes=51),
        "is_clear": True,
        "verdict": "A clear valley at 30 minutes (95 % interval: 22 to 51 minutes).",
        "gaps": pd.DataFrame(gaps),
        "components": pd.DataFrame(components),
        "sensitivity": pd.DataFrame(sensitivity),
    }
    return SimpleNamespace(**{**usual, **changes})


def unclear() -> Any:
    """A suggestion of a log that suggests none."""
    return suggestion(
        timeout=None, low=None, high=None, is_clear=False, verdict="No clear valley: $5 or $6."
    )


def visits() -> pd.DataFrame:
    """Three users' sessions, as rules of several kinds make them."""
    rows = [
        ("2024-10-26 23:30", "a", "first", "page_view"),
        ("2024-10-26 23:50", "a", "first", "search"),
        ("2024-10-27 00:01", "b", "midnight", "page_view"),
        ("2024-10-27 00:20", "b", "midnight", "page_view"),
        ("2024-10-27 00:55", "b", "midnight", "placed_order"),
        ("2024-10-27 01:05", "c", "change:utm_campaign", "page_view"),
        ("2024-10-29 08:00", "d", "timeout", "page_view"),
        ("2024-10-29 08:40", "d", "timeout", "$cart_1$"),
        ("2024-10-29 08:30", None, None, "page_view"),
    ]
    times, ids, reasons, kinds = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "user_id": ["ann"] * len(rows),
            "timestamp": pd.to_datetime(times, utc=True),
            "session_id": ids,
            "start_reason": reasons,
            "event_type": kinds,
        }
    )


def funnel(groups: int = 0) -> pd.DataFrame:
    """The answer of a funnel, with so many groups."""
    steps = [(1, "page_view", 1.0, None), (2, "cart", 0.4, 0.4), (3, "placed_order", 0.1, 0.25)]
    rows = [
        (group, step, kind, int(1000 * first / (group + 1)), first, before)
        for group in range(max(groups, 1))
        for step, kind, first, before in steps
    ]
    names = ["group", "step", "event_type", "reached", "share_of_first", "share_of_previous"]
    answer = pd.DataFrame(rows, columns=names)
    if groups:
        return answer.assign(group=[HOSTILE[group % len(HOSTILE)] for group in answer["group"]])
    return answer.drop(columns="group")


def cohorts() -> pd.DataFrame:
    """The answer of a retention: in the week of 13 May nobody new came back the week after."""
    rows = [
        ("2024-05-06", 0, 40, 40),
        ("2024-05-06", 1, 40, 20),
        ("2024-05-06", 3, 40, 4),
        ("2024-05-13", 0, 10, 10),
        ("2024-05-20", 0, 8, 8),
        ("2024-05-20", 1, 8, 2),
    ]
    answer = pd.DataFrame(rows, columns=["cohort", "period", "users", "returned"])
    answer["cohort"] = pd.to_datetime(answer["cohort"])
    return answer.assign(share=answer["returned"] / answer["users"])


def ways() -> pd.DataFrame:
    """The answer of common paths."""
    return pd.DataFrame(
        {
            "step_1": ["home", "home", "search", "w" * 90],
            "step_2": ["$5 off", None, "home", "w" * 90],
            "step_3": ["cart_1", None, None, "w" * 90],
            "sessions": [50, 30, 20, 5],
            "share": [0.5, 0.3, 0.2, 0.05],
        }
    )


def weekly() -> pd.DataFrame:
    """Sessions by hours of Amsterdam, over the night in which clocks are set back."""
    hours = pd.date_range("2024-10-26 20:00", periods=40, freq="h", tz="UTC")
    return pd.DataFrame(
        {"hour": hours.tz_convert("Europe/Amsterdam"), "sessions": np.arange(40) % 12}
    )


def daily() -> pd.DataFrame:
    """Two groups over days, of which one is missing, and a number that is null."""
    days = pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-04", "2024-05-05"])
    one = pd.DataFrame({"day": days, "source": "_direct", "rate": [0.1, 0.2, 0.15, 0.12]})
    two = pd.DataFrame({"day": days, "source": "$mail$", "rate": [0.3, None, 0.25, 0.28]})
    return pd.concat([one, two], ignore_index=True)


def groups() -> pd.DataFrame:
    """Numbers of groups with the worst of names."""
    return pd.DataFrame({"page": HOSTILE, "sessions": range(80, 0, -10)})


def minutes() -> np.ndarray:
    """Minutes before an order: most of them few, some of them many."""
    return np.random.default_rng(4).exponential(12, 800)


SENTENCE = (
    "The median, over all sessions with a 'placed_order' event, of the number of sessions that the "
    "user had since their previous such session, not counting the session with the order ($5_1$)."
)

#: What each stored image is of.
PICTURES: dict[str, Callable[[Any], Any]] = {
    "bars": lambda ax: drawing.bars(groups(), most=6, others="sum", title="Pages", ax=ax),
    "distribution": lambda ax: drawing.distribution(
        [0, 1, 1, 1, 2, 2, 3, 5, 8], marked=2.0, unit="visits", of="orders", title=SENTENCE, ax=ax
    ),
    "distribution_of_minutes": lambda ax: drawing.distribution(
        minutes(), marked=8.4, called="90th percentile", unit="minutes", of="orders", ax=ax
    ),
    "funnel": lambda ax: drawing.funnel(funnel(), of="sessions", ax=ax),
    "funnel_of_groups": lambda ax: drawing.funnel(funnel(3), of="users", ax=ax),
    "gaps": lambda ax: drawing.gaps(suggestion(), ax=ax),
    "gaps_unclear": lambda ax: drawing.gaps(unclear(), ax=ax),
    "line": lambda ax: drawing.line(daily(), unit="day", is_share=True, ax=ax),
    "paths": lambda ax: drawing.paths(ways(), title="The 4 most common sequences.", ax=ax),
    "retention": lambda ax: drawing.retention(cohorts(), unit="week", ax=ax),
    "sensitivity": lambda ax: drawing.sensitivity(suggestion(), ax=ax),
    "timeline": lambda ax: drawing.timeline(visits(), "ann", zone="Europe/Amsterdam", ax=ax),
    "week": lambda ax: drawing.week(weekly(), ax=ax),
}


def drawn(name: str) -> Figure:
    """Draw a picture on a figure of its own, as matplotlib draws unless told otherwise."""
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(figsize=(6.4, 3.6), dpi=60)
        figure.subplots_adjust(left=0.3, bottom=0.25, right=0.95, top=0.8)
        PICTURES[name](figure.subplots())
        return figure
