"""What each adapter of dbt can do, and what is written for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["ADAPTERS", "Adapter"]

Events = Literal["delete+insert", "merge", "buckets"]
Sessions = Literal["spans", "table", "view"]

_ALONE = (
    "Run one job at a time: of two at once, both can store the same new row, and "
    "`dbt test` then fails."
)


@dataclass(frozen=True)
class Adapter:
    """One adapter.

    Attributes
    ----------
    package
        What it is called where it is installed from.
    events
        How events are replaced: by their id, in one of two ways, or by buckets of users, each
        whole.
    sessions
        How sessions are: replaced where events were cut anew (``"spans"``), made of the events
        in every run (``"table"``), or asked of them (``"view"``).
    says
        What to know of it, in sentences.
    indexed
        Whether tables have indexes.
    locks
        Whether a second job waits for the first.
    transaction
        The macro of the adapter that makes one transaction of several statements, where its own
        materialization does not.
    """

    package: str
    events: Events
    sessions: Sessions
    says: str
    indexed: bool = False
    locks: bool = False
    transaction: str = ""


ADAPTERS: Mapping[str, Adapter] = {
    "duckdb": Adapter(
        "dbt-duckdb",
        "delete+insert",
        "spans",
        "Each model is one transaction. The file belongs to one process at a time: a second job "
        "is refused.",
    ),
    "postgresql": Adapter(
        "dbt-postgres",
        "delete+insert",
        "spans",
        "Each model is one transaction, and a second job waits for the first by a lock on the "
        "table; an index keeps ids unique.",
        indexed=True,
        locks=True,
    ),
    "redshift": Adapter(
        "dbt-redshift",
        "delete+insert",
        "spans",
        "Each model is one transaction; of two jobs at once, Redshift refuses one where they "
        "would disagree.",
    ),
    "snowflake": Adapter(
        "dbt-snowflake",
        "merge",
        "spans",
        f"Sessions are deleted and inserted in one transaction. {_ALONE}",
        transaction="snowflake_dml_explicit_transaction",
    ),
    "databricks": Adapter(
        "dbt-databricks",
        "merge",
        "table",
        "Events are merged. dbt runs one statement a model here, and none of those replaces "
        f"sessions whose ids have ended: sessions are made of the events in every run. {_ALONE}",
    ),
    "bigquery": Adapter(
        "dbt-bigquery",
        "merge",
        "table",
        "Events are merged. The adapter takes no strategy of others, and a merge leaves sessions "
        f"whose ids have ended: sessions are made of the events in every run. {_ALONE}",
    ),
    "spark": Adapter(
        "dbt-spark",
        "buckets",
        "view",
        "Files have no rows to delete: the buckets of users that have new events are cut anew and "
        "replaced whole, and sessions are a view. The work is bounded by buckets, not by pauses. "
        f"A full refresh drops the table before it makes it. {_ALONE}",
    ),
}
