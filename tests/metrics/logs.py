"""Random logs of a small shop: pages, referrers, orders by type and by a flag; and windows."""

from datetime import timedelta
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from tests.logs import logs

PAGES = ["/", "/a", "/b", None]
REFERRERS = ["ads", "mail", None]


@st.composite
def shop_logs(draw: st.DrawFn, max_size: int = 30) -> pd.DataFrame:
    """A frame of events of few users, with columns that metrics tell sessions apart by."""
    events = draw(logs(users=st.sampled_from(["ann", "bob", "cem"]), max_size=max_size))
    size = len(events)

    def drawn(values: list[Any]) -> list[Any]:
        # A column that is null throughout is not stored: no log has it.
        rest = draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))
        return [values[0], *rest[1:]] if size else []

    return events.assign(
        page=pd.Series(drawn(PAGES), index=events.index, dtype="str"),
        referrer=pd.Series(drawn(REFERRERS), index=events.index, dtype="str"),
        paid=pd.Series(drawn([True, False, False, None]), index=events.index, dtype="boolean"),
    )


@st.composite
def windows(draw: st.DrawFn, events: pd.DataFrame) -> dict[str, Any]:
    """`since` and `until` at the times of a log, a microsecond beside them, or left out."""
    steps = [timedelta(microseconds=step) for step in (-1, 0, 1)] + [timedelta(hours=7)]
    times = [time.to_pydatetime() for time in events["timestamp"].dropna()]
    if not times:
        return {}
    moments = st.builds(
        lambda time, step: time + step, st.sampled_from(times), st.sampled_from(steps)
    )
    before = {times[0] - timedelta(days=days) for days in (1, 2)}
    since, until = sorted({draw(moments), draw(moments)} | before)[-2:]
    chosen = {"since": since, "until": until}
    return {
        name: chosen[name]
        for name in draw(st.sampled_from([(), ("since",), ("until",), tuple(chosen)]))
    }
