"""Visits of one user, and what a preset makes of them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

import clicksession as cs
from tests.products import SECOND, Hit

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
MORNING = pd.Timestamp("2024-05-01 08:00").value
EVENING = pd.Timestamp("2024-05-01 23:20").value


def hits(start: int, *pauses: int) -> list[Hit]:
    times = [start]
    for pause in pauses:
        times.append(times[-1] + pause)
    return [Hit(time) for time in times]


def steady(every: int, count: int) -> list[Hit]:
    return hits(MORNING, *[every] * count)


def frame(visit: list[Hit]) -> pd.DataFrame:
    texts = {
        "utm_campaign": [hit.campaign for hit in visit],
        "utm_source": [hit.source for hit in visit],
        "referrer": [hit.referrer for hit in visit],
        **{name: [None] * len(visit) for name in ("utm_medium", "utm_content", "utm_term")},
    }
    return pd.DataFrame(
        {
            "user_id": "ann",
            "timestamp": pd.Series([hit.time for hit in visit], dtype="datetime64[ns]"),
            "event_id": range(len(visit)),
            "new_visit": [hit.new_visit for hit in visit],
            **{name: pd.Series(column, dtype="str") for name, column in texts.items()},
        }
    )


def by_preset(name: str, visit: list[Hit], changes: Mapping[str, Any] | None = None) -> list[int]:
    found = cs.sessionize(frame(visit), rules=cs.Rules.preset(name, **(changes or {})))
    return [index - 1 for index in found["session_index"]]
