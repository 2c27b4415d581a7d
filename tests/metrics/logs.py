"""Random logs of a small shop: pages, referrers, orders by type and by a flag."""

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
