"""A router for every metric, and for the sessions of a user.

app.include_router(metrics_router(engine))
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from inspect import Signature
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection, Engine, Integer, and_, or_, select

from clicksession import metrics
from clicksession.errors import NothingFoundError, ParameterError, UnsupportedDialectError
from clicksession.metrics import Metric
from clicksession.metrics.building.execution import opened
from clicksession.quality.fitting import short_id
from clicksession.sql import Tables
from clicksession.sql.dialects import spelling
from fastapi_app.limits import SLOW, Kept, Limited
from fastapi_app.parameters import Id, description_of, known_alone, metric_of, parameters_of

__all__ = ["metrics_router"]

KINDS: dict[str, type[Metric]] = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): getattr(metrics, name)
    for name in metrics.__all__
    if name not in ("Metric", "Period", "Role", "compare")
}
OTHERS: dict[int | str, dict[str, Any]] = {
    404: {"description": "The events have no such column."},
    409: {
        "description": "The choices make no sense together, or not with these columns; or none of "
        "the events that are named occurs, with those that do."
    },
    501: {"description": "The dialect of this database has no words for it."},
    **SLOW,
}


class Answer(BaseModel):
    """What a metric gives, and what it means."""

    metric: str = Field(examples=["visits_before_order"])
    definition: str = Field(description="What was counted, as a sentence.")
    value: float | None = Field(description="The number, of a metric of one number without `by`.")
    columns: list[str]
    rows: list[list[str | bool | int | float | None]]
    warnings: list[str] = Field(description="Which of the events that are named do not occur.")


class SessionOfUser(BaseModel):
    """One session."""

    session_id: str
    started_at: datetime
    ended_at: datetime
    event_count: int


class SessionsOfUser(BaseModel):
    """One page of a user's sessions, the oldest first."""

    sessions: list[SessionOfUser]
    next: str | None = Field(description="`after` for the next page; null on the last one.")


def metrics_router(
    engine: Engine,
    tables: Tables | None = None,
    *,
    time_limit: float = 30,
    keep_seconds: float = 60,
) -> APIRouter:
    """Return a router that answers from this database.

    Parameters
    ----------
    engine
        The database that `clicksession.run` or `clicksession.SQLWriter` writes to.
    tables
        Which of its tables; left out: ``events`` and ``sessions``.
    time_limit
        How many seconds a query may take; then it is cancelled, and the answer is 504.
    keep_seconds
        For how many seconds the answer of a metric is kept; 0 for none.
    """
    router = APIRouter()
    limited, tables = Limited(engine, time_limit), tables or Tables()
    kept: Kept[Answer] = Kept(keep_seconds)
    for name, kind in KINDS.items():
        router.add_api_route(
            f"/metrics/{name}",
            _endpoint(name, kind, limited, tables, kept),
            responses=OTHERS,
            summary=(kind.__doc__ or "").splitlines()[0],
            description=description_of(kind),
            operation_id=name,
            tags=["metrics"],
            dependencies=[Depends(known_alone)],
        )

    @router.get(
        # A path, since a user's id may hold a slash.
        "/users/{user_id:path}/sessions",
        responses={404: {"description": "`after` is no session of this user."}, **SLOW},
        tags=["users"],
        dependencies=[Depends(known_alone)],
    )
    def sessions_of_user(
        user_id: Annotated[Id, Path()],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        after: Annotated[Id | None, Query(description="`next` of the page before.")] = None,
    ) -> SessionsOfUser:
        """Return the sessions of a user, page by page, the oldest first."""
        return limited.run(lambda there: _sessions(there, tables, user_id, limit, after))

    return router


def _endpoint(
    name: str, kind: type[Metric], limited: Limited, tables: Tables, kept: Kept[Answer]
) -> Callable[..., Answer]:
    def endpoint(**said: Any) -> Answer:
        key = (name, repr(sorted(said.items())))
        try:
            metric = metric_of(kind, said)
            return kept.get(key, lambda: limited.run(lambda there: _answer(there, name, metric)))
        except ParameterError as error:
            # Whoever asks can choose columns; `data` is what they are chosen from.
            raise HTTPException(404 if error.parameter == "data" else 409, str(error)) from error
        except NothingFoundError as error:
            raise HTTPException(409, str(error)) from error
        except UnsupportedDialectError as error:
            raise HTTPException(501, str(error)) from error

    def _answer(there: Connection, name: str, metric: Metric) -> Answer:
        if not tables.exist(there):
            # Of a target that nothing was written to yet nothing can be counted.
            return _as_answer(name, metric, None, [])
        said: list[str] = []
        # As `compute`, but that the warnings of one request are told from those of another.
        with opened(there, tables, say=said.append) as place:
            return _as_answer(name, place.named(metric), place.answer(metric), said)

    endpoint.__name__, endpoint.__doc__ = name, kind.__doc__
    endpoint.__signature__ = Signature(  # type: ignore[attr-defined]
        parameters_of(kind), return_annotation=Answer
    )
    return endpoint


def _as_answer(name: str, metric: Metric, found: Any, said: list[str]) -> Answer:
    about: dict[str, Any] = {"metric": name, "definition": metric.describe(), "warnings": said}
    if not metric.gives_table:
        column: str = metric.column  # type: ignore[attr-defined]
        return Answer(**about, value=found, columns=[column], rows=[[found]])
    if found is None:
        return Answer(**about, value=None, columns=[], rows=[])
    days = {name for name, each in metric.period_columns.items() if each.unit != "hour"}
    # A first day is a date: its midnight would look like a moment.
    shown = found.assign(**{name: found[name].dt.date for name in days})
    rows = [[_plain(value) for value in row] for row in shown.itertuples(index=False)]
    return Answer(**about, value=None, columns=list(found.columns), rows=rows)


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return value.item() if hasattr(value, "item") else value


def _is_whole(user: str) -> bool:
    """Say whether a text is a number as a column of whole numbers shows it."""
    return bool(re.fullmatch(r"0|-?[1-9][0-9]{0,18}", user)) and -(2**63) <= int(user) < 2**63


def _sessions(
    there: Connection, tables: Tables, user: str, limit: int, after: str | None
) -> SessionsOfUser:
    sessions = tables.sessions
    types = spelling(there.dialect.name).columns(there, tables.table("sessions"))
    if types is None:
        return SessionsOfUser(sessions=[], next=None)
    whole = isinstance(types["user_id"], Integer)
    # A text that is no number is no user of a table whose users are numbers.
    if whole and not _is_whole(user):
        return SessionsOfUser(sessions=[], next=None)
    mine = select(
        *(sessions.c.session_id, sessions.c.started_at, sessions.c.ended_at),
        sessions.c.event_count,
    ).where(sessions.c.user_id == (int(user) if whole else short_id(user)))
    if after is not None:
        last = there.execute(mine.where(sessions.c.session_id == after)).first()
        if last is None:
            raise HTTPException(404, "`after` is no session of this user.")
        later = sessions.c.started_at > last.started_at
        same = and_(sessions.c.started_at == last.started_at, sessions.c.session_id > after)
        mine = mine.where(or_(later, same))
    ordered = mine.order_by(sessions.c.started_at, sessions.c.session_id)
    found = there.execute(ordered.limit(limit + 1)).all()
    page = found[:limit]
    following = page[-1].session_id if len(found) > limit else None
    return SessionsOfUser(sessions=[SessionOfUser(**row._mapping) for row in page], next=following)
