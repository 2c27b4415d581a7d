"""Tables of Iceberg: a bucket is replaced in one commit, which is there or is not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from pyspark.sql import DataFrame, SparkSession, functions

from clicksession.errors import TargetBusyError, WriteError
from clicksession.warehouse.spark.steps import BUCKET
from clicksession.warehouse.spark.stored import Settings, Stored

__all__ = ["Iceberg"]

_SETTINGS = "clicksession.settings"
_CONFLICT = "org.apache.iceberg.exceptions.ValidationException"


@dataclass(frozen=True)
class Iceberg(Stored):
    """Two tables of a catalogue."""

    session: SparkSession
    events_name: str
    sessions_name: str
    told: Settings = field(default_factory=dict)
    began: dict[str, int | None] = field(default_factory=dict)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Remember where the tables stand: a commit that another one overtook is refused."""
        for name in (self.events_name, self.sessions_name):
            self.began[name] = self._snapshot(name)
        try:
            yield
        except Exception as error:
            if _CONFLICT in str(error):
                reason = "another write changed the same buckets meanwhile"
                raise TargetBusyError(self.events_name, reason, "Run it again.") from error
            raise

    def settings(self) -> Settings | None:
        """Ask the properties of the table of events."""
        if not self._exists(self.events_name):
            return None
        rows = self.session.sql(f"SHOW TBLPROPERTIES {self.events_name}").collect()
        found = {row["key"]: row["value"] for row in rows}
        if _SETTINGS not in found:
            reason = "it is no table that this library made"
            raise WriteError(self.events_name, reason, "Give names of its own.")
        return cast("Settings", json.loads(found[_SETTINGS]))

    def remember(self, settings: Settings) -> None:
        """Keep them until a table is made."""
        self.told.update(settings)

    def recover(self) -> None:
        """Do nothing: a commit is there or is not."""

    def events(self) -> DataFrame | None:
        """Read the table."""
        return self._read(self.events_name)

    def sessions(self) -> DataFrame | None:
        """Read the table."""
        return self._read(self.sessions_name)

    def replace_events(self, buckets: DataFrame) -> None:
        """Replace them in one commit."""
        self._put(buckets, self.events_name)

    def replace_sessions(self, buckets: DataFrame) -> None:
        """Replace them in one commit."""
        self._put(buckets, self.sessions_name)

    def _put(self, buckets: DataFrame, name: str) -> None:
        if not self._exists(name):
            self._make(buckets, name)
        self._widen(buckets, name)
        ordered = buckets.select(*self.session.table(name).columns)
        # The engine refuses the commit if the buckets are others than when this write began.
        write = ordered.writeTo(name).option("isolation-level", "serializable")
        if (began := self.began.get(name)) is not None:
            write = write.option("validate-from-snapshot-id", str(began))
        write.overwritePartitions()

    def _make(self, buckets: DataFrame, name: str) -> None:
        made = buckets.limit(0).writeTo(name).using("iceberg")
        made = made.tableProperty(_SETTINGS, json.dumps(self.told))
        made.partitionedBy(functions.col(BUCKET)).create()
        self.began[name] = self._snapshot(name)

    def _widen(self, buckets: DataFrame, name: str) -> None:
        there = self.session.table(name).columns
        for new in (each for each in buckets.schema if each.name not in there):
            quoted = new.name.replace("`", "``")
            kind = new.dataType.simpleString()
            self.session.sql(f"ALTER TABLE {name} ADD COLUMN `{quoted}` {kind}")

    def _snapshot(self, name: str) -> int | None:
        if not self._exists(name):
            return None
        newest = self.session.table(f"{name}.refs").where("name = 'main'").first()
        return int(newest["snapshot_id"]) if newest else None

    def _read(self, name: str) -> DataFrame | None:
        return self.session.table(name) if self._exists(name) else None

    def _exists(self, name: str) -> bool:
        return bool(self.session.catalog.tableExists(name))
