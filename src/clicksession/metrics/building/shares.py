"""Counts, and which share of all each is."""

from typing import Any

from sqlalchemy import CTE, Select, func, select

from clicksession.sql.statistics import nulls_last, share

__all__ = ["shares"]


def shares(counted: CTE, keys: list[tuple[str, str]], what: str, count: str) -> Select[Any]:
    """Return counts with their shares of each group's, the most first."""
    groups = [counted.c[key] for key, _ in keys]
    whole = func.sum(counted.c[count]).over(partition_by=groups or None)
    return select(
        *(counted.c[key].label(called) for key, called in keys),
        counted.c[what],
        counted.c[count],
        share(counted.c[count], whole).label("share"),
    ).order_by(*nulls_last(groups), counted.c[count].desc(), *nulls_last([counted.c[what]]))
