"""Tables of Delta, Iceberg and Hudi: whoever was deleted does not come back."""

import importlib.util
import json
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gcsfs.core import GCSFileSystem

import clicksession as cs
from tests.readers.door import ran
from tests.readers.sources.test_stores import Store, s3

deltalake = pytest.importorskip("deltalake", reason='needs pip install "clicksession[delta]"')
pytest.importorskip("pyiceberg", reason='needs pip install "clicksession[iceberg]"')

from pyiceberg.manifest import DataFileContent  # noqa: E402
from pyiceberg.typedef import Record  # noqa: E402

NOON = pd.Timestamp("2024-05-01T12:00Z")


def rows(*users: str, **columns: Any) -> pa.Table:
    times = pa.array([NOON] * len(users), pa.timestamp("us", "UTC"))
    return pa.table({"user_id": list(users), "timestamp": times, **columns})


def users(source: Any, **options: Any) -> list[str]:
    return sorted(cs.read_events(source, **options)["user_id"])


@pytest.fixture
def delta(tmp_path: Path) -> Path:
    """A table of which a user was erased, and whose file with that user is still there."""
    folder = tmp_path / "delta"
    deltalake.write_deltalake(folder, rows("keep", "erased", dt=["a", "a"]), partition_by=["dt"])
    deltalake.DeltaTable(folder).delete("user_id = 'erased'")
    deltalake.write_deltalake(folder, rows("new", dt=["b/ %"]), mode="append")
    return folder


@pytest.fixture
def iceberg(tmp_path: Path) -> tuple[Path, Any]:
    """The same of Iceberg; with its table."""
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("c", uri="sqlite:///:memory:", warehouse=f"file://{tmp_path}/iceberg")
    catalog.create_namespace("shop")
    table = catalog.create_table("shop.events", rows("").schema)
    table.append(rows("keep", "erased"))
    table.delete("user_id == 'erased'")
    table.append(rows("new"))
    folder = tmp_path / "iceberg" / "shop" / "events"
    yield folder, table
    catalog.close()


def test_a_delta_table(delta: Path, tmp_path: Path) -> None:
    assert len(list(delta.glob("dt=*/*.parquet"))) == 3
    assert users(delta) == ["keep", "new"]
    found = cs.read_events(delta)
    assert sorted(found["dt"]) == ["a", "b/ %"]
    assert ran(delta, tmp_path).users == ["keep", "new"]


def test_a_log_that_removes_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    deltalake.write_deltalake(folder, rows("keep", "erased"))
    deltalake.write_deltalake(folder, rows("keep"), mode="overwrite")
    assert users(folder) == users(f"file://{folder}/") == ["keep"]


def test_a_delta_table_in_stores(delta: Path, bucket: dict[str, Any], tmp_path: Path) -> None:
    memory, store = fsspec.filesystem("memory"), GCSFileSystem(**bucket)
    for file in delta.rglob("*"):
        if file.is_file():
            below = file.relative_to(delta)
            memory.pipe_file(f"/lake/events/{below}", file.read_bytes())
            # The emulator takes percent signs in names for what they stand for.
            if "b%2F" not in str(below):
                store.pipe_file(f"shop/lake/events/{below}", file.read_bytes())
    assert users("memory://lake/events") == ["keep", "new"]
    gone = delta / "_delta_log" / "00000000000000000002.json"
    store.rm_file(f"shop/lake/events/{gone.relative_to(delta)}")
    assert users("gs://shop/lake/events/", storage_options=bucket) == ["keep"]


def test_a_log_that_a_checkpoint_sums_up(delta: Path) -> None:
    log = delta / "_delta_log"
    deltalake.DeltaTable(delta).create_checkpoint()
    deltalake.write_deltalake(delta, rows("later", dt=["c"]), mode="append")
    # What the checkpoint sums up is not looked at.
    (log / f"{0:020}.json").write_text("{oops")
    memory = fsspec.filesystem("memory")
    for file in delta.rglob("*"):
        if file.is_file():
            memory.pipe_file(f"/summed/{file.relative_to(delta)}", file.read_bytes())
    assert users(delta) == users("memory://summed/") == ["keep", "later", "new"]


Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def z85(content: bytes) -> str:
    text = ""
    for start in range(0, len(content), 4):
        number = int.from_bytes(content[start : start + 4].ljust(4, b"\0"), "big")
        text += "".join(Z85[number // 85**place % 85] for place in (4, 3, 2, 1, 0))
    return text


def delete_row(folder: Path, row: int) -> None:
    """Commit a deletion vector for one row of the only file, as Spark and Databricks write it."""
    roaring = pytest.importorskip("pyroaring")
    bitmap = struct.pack("<iqi", 1681511377, 1, 0) + roaring.BitMap([row]).serialize()
    log = folder / "_delta_log"
    first = (log / f"{0:020}.json").read_text().splitlines()
    [add] = [json.loads(line)["add"] for line in first if '"add"' in line]
    vector = {
        "storageType": "i",
        "pathOrInlineDv": z85(bitmap),
        "sizeInBytes": len(bitmap),
        "cardinality": 1,
    }
    remove = {"path": add["path"], "deletionTimestamp": 1, "dataChange": True}
    actions = [{"remove": remove}, {"add": {**add, "deletionVector": vector}}]
    (log / f"{1:020}.json").write_text("\n".join(map(json.dumps, actions)))


def test_deletion_vectors(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    options = {"delta.enableDeletionVectors": "true"}
    deltalake.write_deltalake(folder, rows("keep", "erased", "new"), configuration=options)
    target = f"duckdb:///{tmp_path}/t.duckdb"
    assert cs.run(folder, target).rows_read == 3
    delete_row(folder, 1)
    assert users(folder) == ["keep", "new"]
    # Another file than before, though its bytes are the same.
    report = cs.run(folder, target)
    assert (report.rows_read, report.duplicates) == (2, 2)
    assert cs.run(folder, target).files_skipped == 1


def test_renamed_and_dropped_columns(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    inner = pa.array([{"os": "iOS", "old": 1}])
    items = pa.array([[{"sku": "x"}]])
    deltalake.write_deltalake(
        folder,
        rows("ann", gone=[1], by=inner, items=items),
        configuration={"delta.columnMapping.mode": "name"},
    )
    log = folder / "_delta_log"
    first = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
    [meta] = [action["metaData"] for action in first if "metaData" in action]
    schema = json.loads(meta["schemaString"])
    fields = {field["name"]: field for field in schema["fields"]}
    fields["user_id"]["name"] = "visitor"
    fields["by"]["type"]["fields"] = fields["by"]["type"]["fields"][:1]
    fields["by"]["type"]["fields"][0]["name"] = "system"
    fields["items"]["type"]["elementType"]["fields"][0]["name"] = "product"
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "gone"]
    changed = {"metaData": {**meta, "schemaString": json.dumps(schema)}}
    (log / f"{1:020}.json").write_text(json.dumps(changed))
    found = cs.read_events(folder, schema=cs.EventSchema(user_id="visitor"))
    assert list(found) == ["user_id", "timestamp", "by_system", "items"]
    assert found["by_system"].tolist() == ["iOS"]
    assert json.loads(found["items"][0]) == [{"product": "x"}]


def test_other_names_count_only_where_they_are_in_force(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    options = {"delta.columnMapping.mode": "name", "delta.enableDeletionVectors": "true"}
    table = rows("ann", dt=["a"])
    deltalake.write_deltalake(folder, table, partition_by=["dt"], configuration=options)
    assert users(folder) == ["ann"]


def test_a_file_of_another_table(delta: Path) -> None:
    file = next(delta.glob("dt=a/*.parquet"))
    pq.write_table(pa.table({"x": [1]}), file)
    for other in delta.glob("dt=a/*.parquet"):
        if other != file:
            shutil.copy(file, other)
    with pytest.raises(cs.errors.ReadError, match="none of the table's columns, but x"):
        cs.read_events(delta)


def test_old_times_of_parquet_in_a_delta_table(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    deltalake.write_deltalake(folder, rows("ann"))
    pq.write_table(
        rows("ann"), next(folder.glob("*.parquet")), use_deprecated_int96_timestamps=True
    )
    schema = cs.EventSchema(zone="Europe/Berlin")
    assert cs.read_events(folder, schema=schema)["timestamp"].tolist() == [NOON]


def test_a_column_that_older_files_lack(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    deltalake.write_deltalake(folder, rows("ann"))
    new = rows("bob", event_type=["order"])
    deltalake.write_deltalake(folder, new, mode="append", schema_mode="merge")
    schema = cs.EventSchema(event_type="event_type")
    found = cs.read_events(folder, schema=schema).set_index("user_id")["event_type"]
    assert pd.isna(found["ann"])
    assert found["bob"] == "order"


def test_columns_that_are_told_by_number(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    by = {"delta.columnMapping.mode": "name"}
    deltalake.write_deltalake(folder, rows("ann"), configuration=by)
    log = folder / "_delta_log" / f"{0:020}.json"
    log.write_text(log.read_text().replace('Mapping.mode":"name"', 'Mapping.mode":"id"'))
    with pytest.raises(cs.errors.ReadError, match=r"told by id, and not by name\. Give what"):
        cs.read_events(folder)


def test_a_table_that_asks_what_nobody_here_knows(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    deltalake.write_deltalake(folder, rows("ann"))
    asked = {"minReaderVersion": 3, "minWriterVersion": 7}
    asked |= {"readerFeatures": ["unheardOf"], "writerFeatures": ["unheardOf"]}
    log = folder / "_delta_log" / f"{1:020}.json"
    log.write_text(json.dumps({"protocol": asked}))
    with pytest.raises(cs.errors.ReadError, match=r"events: .*unheardOf.*Give what another"):
        cs.read_events(folder)


def test_a_damaged_delta_log(delta: Path) -> None:
    (delta / "_delta_log" / f"{1:020}.json").write_text("{oops")
    with pytest.raises(cs.errors.ReadError, match=r"delta: its log cannot be read"):
        cs.read_events(delta)


def test_an_iceberg_table(iceberg: tuple[Path, Any], tmp_path: Path) -> None:
    folder, table = iceberg
    assert len(list(folder.glob("data/*.parquet"))) == 3
    assert users(folder) == users(table.metadata_location) == ["keep", "new"]
    assert ran(folder, tmp_path).users == ["keep", "new"]


def test_the_schema_of_an_iceberg_table_changes(iceberg: tuple[Path, Any]) -> None:
    from pyiceberg.types import StringType

    folder, table = iceberg
    with table.update_schema() as update:
        update.rename_column("user_id", "visitor")
        update.add_column("country", StringType())
    found = cs.read_events(folder, schema=cs.EventSchema(user_id="visitor"))
    assert sorted(found["user_id"]) == ["keep", "new"]
    assert found["country"].isna().all()


def test_an_iceberg_table_of_only_files(iceberg: tuple[Path, Any]) -> None:
    folder, _ = iceberg
    metadata = folder / "metadata"
    for file in sorted(metadata.glob("*.metadata.json")):
        file.rename(metadata / f"v{int(file.name[:5])}.metadata.json")
    # The hint is written last, and may lag behind.
    (metadata / "version-hint.text").write_text("1")
    assert users(folder) == ["keep", "new"]


def test_two_metadata_of_one_version(iceberg: tuple[Path, Any]) -> None:
    folder, table = iceberg
    current = Path(table.metadata_location.removeprefix("file://"))
    shutil.copy(current, current.with_name(f"{current.name[:5]}-other.metadata.json"))
    with pytest.raises(cs.errors.ReadError, match=r"only a catalog knows which counts\. Give"):
        users(folder)
    assert users(current) == ["keep", "new"]


def test_an_iceberg_table_that_was_copied(iceberg: tuple[Path, Any], tmp_path: Path) -> None:
    folder, _ = iceberg
    folder.rename(tmp_path / "moved")
    with pytest.raises(cs.errors.ReadError, match=r"moved: its metadata names .*cannot be read"):
        users(tmp_path / "moved")


def commit_deletes(folder: Path, table: Any, deletes: pa.Table, **facts: Any) -> None:
    """Commit a file of deletes, as Spark and Flink do; pyiceberg reads them, but writes none."""
    from pyiceberg import manifest as made

    class Deletes(made.ManifestWriterV2):
        def content(self) -> Any:
            return made.ManifestContent.DELETES

        @property
        def _meta(self) -> dict[str, str]:
            return {**super()._meta, "content": "deletes"}

    pq.write_table(deletes, folder / "data" / "deletes.parquet")
    table.refresh()
    current, number = table.current_snapshot(), table.metadata.last_sequence_number + 1
    file = made.DataFile.from_args(
        file_path=f"file://{folder}/data/deletes.parquet",
        file_format=made.FileFormat.PARQUET,
        partition=Record(),
        record_count=deletes.num_rows,
        file_size_in_bytes=(folder / "data" / "deletes.parquet").stat().st_size,
        **facts,
    )
    entry = made.ManifestEntry.from_args(
        status=made.ManifestEntryStatus.ADDED,
        snapshot_id=number,
        sequence_number=number,
        file_sequence_number=number,
        data_file=file,
    )
    place = f"file://{folder}/metadata"
    output = table.io.new_output(f"{place}/deletes.avro")
    with Deletes(table.spec(), table.schema(), output, number, "deflate") as writer:
        writer.add(entry)
    manifests = [*current.manifests(table.io), writer.to_manifest_file()]
    output = table.io.new_output(f"{place}/snap-deletes.avro")
    parent = current.snapshot_id
    with made.write_manifest_list(2, output, number, parent, number, "deflate") as listing:
        listing.add_manifests(manifests)
    path = Path(table.metadata_location.removeprefix("file://"))
    metadata = json.loads(path.read_text())
    snapshot = {**metadata["snapshots"][-1], "snapshot-id": number, "sequence-number": number}
    snapshot |= {"parent-snapshot-id": parent, "manifest-list": f"{place}/snap-deletes.avro"}
    metadata["snapshots"].append(snapshot)
    metadata |= {"current-snapshot-id": number, "last-sequence-number": number}
    metadata["refs"]["main"]["snapshot-id"] = number
    later = f"{int(path.name[:5]) + 1:05}-deletes.metadata.json"
    path.with_name(later).write_text(json.dumps(metadata))


def test_rows_that_iceberg_deletes_by_position(iceberg: tuple[Path, Any], tmp_path: Path) -> None:
    folder, table = iceberg
    target = f"duckdb:///{tmp_path}/t.duckdb"
    assert cs.run(folder, target).files_read == 2
    table.append(rows("a", "b", "c"))
    file = max(table.scan().plan_files(), key=lambda task: task.file.record_count).file
    deletes = pa.table({"file_path": [file.file_path], "pos": [1]})
    commit_deletes(folder, table, deletes, content=DataFileContent.POSITION_DELETES)
    assert users(folder) == ["a", "c", "keep", "new"]
    report = cs.run(folder, target)
    # Deletes that do not say of which files they are may be of any.
    assert (report.files_read, report.rows_read, report.events_added) == (3, 4, 2)
    assert cs.run(folder, target).files_skipped == 3


def test_rows_that_iceberg_deletes_by_their_values(iceberg: tuple[Path, Any]) -> None:
    folder, table = iceberg
    facts = {"content": DataFileContent.EQUALITY_DELETES, "equality_ids": [1]}
    commit_deletes(folder, table, pa.table({"user_id": ["new"]}), **facts)
    with pytest.raises(cs.errors.ReadError, match=r"equality deletes.*rewrite_data_files"):
        users(folder)


def test_tables_in_s3(delta: Path) -> None:
    with contextmanager(s3)() as store:
        # A server's buckets outlive it, within this process.
        for bucket in ("delta", "iceberg"):
            store.filesystem.mkdir(bucket)
        for file in delta.rglob("*"):
            if file.is_file():
                store.filesystem.pipe_file(
                    f"delta/events/{file.relative_to(delta)}", file.read_bytes()
                )
        assert users("s3://delta/events", storage_options=store.options) == ["keep", "new"]
        location = made_in(store)
        assert users(f"{location}/", storage_options=store.options) == ["keep", "new"]
        with pytest.raises(cs.errors.ReadError, match="is a file of an Iceberg table"):
            users(f"{location}/data/*.parquet", storage_options=store.options)


def made_in(store: Store) -> str:
    """Make an Iceberg table in a bucket; return its address."""
    from pyiceberg.catalog.sql import SqlCatalog

    key, secret = store.options["key"], store.options["secret"]
    catalog = SqlCatalog(
        "c",
        **{
            "uri": "sqlite:///:memory:",
            "warehouse": "s3://iceberg",
            "py-io-impl": "pyiceberg.io.fsspec.FsspecFileIO",
            "s3.endpoint": store.endpoint,
            "s3.access-key-id": key,
            "s3.secret-access-key": secret,
            "s3.region": "us-east-1",
        },
    )
    catalog.create_namespace("shop")
    table = catalog.create_table("shop.events", rows("").schema)
    table.append(rows("keep", "erased", "new"))
    table.delete("user_id == 'erased'")
    location = table.location()
    catalog.close()
    return location


def test_folders_above_a_table_are_columns(delta: Path, tmp_path: Path) -> None:
    (tmp_path / "env=prod" / "dt=x").mkdir(parents=True)
    delta.rename(tmp_path / "env=prod" / "dt=x" / "events")
    found = cs.read_events(tmp_path / "env=prod" / "dt=x" / "events")
    assert set(found["env"]) == {"prod"}
    assert sorted(found["dt"]) == ["a", "b/ %"]


@pytest.mark.parametrize("name", ["a b", "a%20b", "S\u00e3o+1", "x=y~"])
def test_deletion_vectors_wherever_the_table_is(name: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    options = {"delta.enableDeletionVectors": "true"}
    deltalake.write_deltalake(made, rows("keep", "erased"), configuration=options)
    delete_row(made, 1)
    folder = made.rename(tmp_path / name)
    (tmp_path / "link").symlink_to(folder)
    assert users(folder) == users(tmp_path / "link") == ["keep"]


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_table_is_read_again_as_far_as_it_changed(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made = request.getfixturevalue(kind)
    folder = made if kind == "delta" else made[0]
    target = f"duckdb:///{tmp_path}/t.duckdb"
    assert cs.run(folder, target).events_added == 2
    again = cs.run(folder, target)
    assert (again.files_read, again.files_skipped) == (0, 2)
    if kind == "delta":
        deltalake.write_deltalake(folder, rows("late", dt=["c"]), mode="append")
        deltalake.DeltaTable(folder).delete("user_id = 'new'")
    else:
        made[1].append(rows("late"))
        made[1].delete("user_id == 'new'")
    after = cs.run(folder, target)
    assert (after.files_read, after.files_skipped, after.events_added) == (1, 1, 1)


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_the_line_to_type(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = request.getfixturevalue(kind)
    package = {"delta": "deltalake", "iceberg": "pyiceberg"}[kind]
    found = importlib.util.find_spec
    without = lambda name: None if name == package else found(name)  # noqa: E731
    monkeypatch.setattr(f"clicksession.readers.sources.tables.{kind}.find_spec", without)
    with pytest.raises(cs.errors.MissingExtraError, match=rf'"clicksession\[{kind}\]"'):
        cs.read_events(made if kind == "delta" else made[0])


def test_a_hudi_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".hoodie").mkdir()
    (tmp_path / ".hoodie" / "hoodie.properties").write_text("hoodie.table.name=events\n")
    pq.write_table(rows("erased"), tmp_path / "part-0.parquet")
    for source in (tmp_path, tmp_path / "*.parquet", tmp_path / "part-0.parquet"):
        with pytest.raises(cs.errors.ReadError, match="Hudi table"):
            cs.read_events(source)
    with pytest.raises(cs.errors.ReadError, match=r"pip install hudi"):
        cs.read_events(tmp_path)


def reaching_in(delta: Path, iceberg: Path) -> Iterator[Any]:
    yield delta / "*" / "*.parquet"
    yield delta / "dt=a"
    yield f"{delta}/dt=*/"
    yield next(delta.glob("dt=a/*.parquet"))
    yield [str(next(delta.glob("dt=a/*.parquet")))]
    yield delta.parent
    yield iceberg / "data"
    yield iceberg / "data" / "*.parquet"


def test_files_of_tables_are_refused_without_the_table(
    delta: Path, iceberg: tuple[Path, Any]
) -> None:
    for source in reaching_in(delta, iceberg[0]):
        with pytest.raises(cs.errors.ReadError, match=r"Give (the table's folder|it alone)"):
            cs.read_events(source)


def test_another_format_than_the_table_has(delta: Path) -> None:
    with pytest.raises(cs.errors.BadRowError, match=r"Leave the format out"):
        cs.read_events(delta, format="json")
    assert users(delta, schema=cs.EventSchema(format="json")) == ["keep", "new"]


def test_a_bad_row_of_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    times = pa.table({"user_id": ["a", "b"], "timestamp": ["2024-05-01", "never"]})
    deltalake.write_deltalake(folder, times)
    report = cs.ReadReport()
    assert len(cs.read_events(folder, on_error="quarantine", report=report)) == 1
    [bad] = report.quarantine
    assert bad.place == "row 2"
    assert ".parquet" in bad.file
