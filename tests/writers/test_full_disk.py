"""A disk that is full says so: which one it is, that nothing was written, and what to do."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.errors import NoRoomError
from clicksession.pipeline import batches
from tests.writers.content import content_at

_MEGABYTES = 16


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of a few megabytes."""
    # Not below pytest's own folder, into which no server of another user may look.
    place = Path(tempfile.mkdtemp(prefix="small"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        place.rmdir()
        pytest.skip("needs a mount of its own: run as root, on Linux")
    place.chmod(0o755)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


def events(rows: int) -> pd.DataFrame:
    """Return events of which none is like another, so that nothing can be compressed."""
    random = np.random.default_rng(0)
    times = pd.to_datetime(random.integers(1_714_521_600, 1_715_521_600, rows), unit="s", utc=True)
    users = random.integers(0, rows // 5 + 1, rows)
    pages = [random.bytes(60).hex() for _ in range(rows)]
    return pd.DataFrame(
        {"event_id": np.arange(rows), "user_id": users, "timestamp": times, "page": pages}
    )


def _in_tablespace(url: str, place: Path) -> None:
    """Have a PostgreSQL put its tables on a disk."""
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        data = Path(connection.execute(sa.text("SHOW data_directory")).scalar_one())
        owner = data.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        connection.execute(sa.text(f"CREATE TABLESPACE small LOCATION '{place}'"))
        name = sa.make_url(url).database
        connection.execute(sa.text(f"ALTER DATABASE {name} SET default_tablespace = small"))
    admin.dispose()


def _in_linked_folder(url: str, place: Path) -> None:
    """Have a MariaDB put a database on a disk."""
    admin = sa.create_engine(url)
    with admin.connect() as connection:
        data = Path(connection.execute(sa.text("SELECT @@datadir")).scalar_one())
    admin.dispose()
    folder = data / str(sa.make_url(url).database)
    (place / "tables").mkdir()
    for path in folder.iterdir():
        shutil.move(path, place / "tables" / path.name)
    folder.rmdir()
    folder.symlink_to(place / "tables")


@pytest.fixture(params=["duckdb", "sqlite", "postgresql", "mariadb"])
def url_on_small_disk(request: pytest.FixtureRequest, small_disk: Path) -> Iterator[str]:
    if request.param in ("duckdb", "sqlite"):
        yield f"{request.param}:///{small_disk / 'shop.db'}"
        return
    url = str(request.getfixturevalue(f"{request.param}_url"))
    if request.param == "mariadb":
        _in_linked_folder(url, small_disk)
        yield url
        return
    _in_tablespace(url, small_disk)
    yield url
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("SET default_tablespace = pg_default"))
        for table in ("events", "sessions", "clicksession_runs", "clicksession_files"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
        connection.execute(sa.text("DROP TABLESPACE small"))
    admin.dispose()


def test_the_disk_of_the_target(url_on_small_disk: str) -> None:
    writer = cs.SQLWriter(url_on_small_disk)
    writer.write(events(100))
    before = content_at(url_on_small_disk)
    with pytest.raises(NoRoomError) as failure:
        writer.write(events(250_000))
    message = str(failure.value)
    assert "of the database" in message
    assert "is full" in message
    # MariaDB commits what alters a table at once.
    nothing = "Nothing else was" if "mariadb" in url_on_small_disk else "Nothing was"
    assert f"{nothing} written" in message
    assert "Make room" in message
    assert "aborted" not in message
    assert content_at(url_on_small_disk) == before


def test_the_disk_of_the_temporary_files(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, url = tmp_path / "log.parquet", f"duckdb:///{tmp_path / 'a.db'}"
    events(200_000).to_parquet(log)
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    with monkeypatch.context() as patch:
        patch.setattr("clicksession.pipeline.running.usual_memory", lambda: 1)
        with pytest.raises(NoRoomError, match=r"temporary files.*is full.*Nothing was written"):
            cs.run(log, url)
    assert list(small_disk.iterdir()) == []
    assert cs.run(log, url).events_added == 200_000


def test_a_second_transaction_says_what_the_first_has_committed(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    frame = events(120_000)
    frame[:1000].to_parquet(logs[0])
    frame[1000:].to_parquet(logs[1])
    url = f"sqlite:///{small_disk / 'shop.db'}"
    monkeypatch.setattr(batches, "_ROWS_PER_WRITE", 1000)
    with pytest.raises(NoRoomError, match=r"is full.*Nothing else was written") as failure:
        cs.run(logs, url)
    added = len(content_at(url)["events"])
    assert f"added and committed before, and stay: {added:,}." in str(failure.value)
    assert "Nothing was written" not in str(failure.value)


def _write_with_little_room(url: str) -> None:
    """Write, in a process that may make no large file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 2**20, 2 * 2**20))
    try:
        cs.SQLWriter(url).write(events(100_000))
    except NoRoomError as error:
        sys.stdout.write(str(error))


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_file_that_may_not_grow(kind: str, tmp_path: Path) -> None:
    url = f"{kind}:///{tmp_path / 'a.db'}"
    code = f"from {__name__} import _write_with_little_room as w; w({url!r})"
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    assert "the disk of the database is full" in done.stdout, done.stderr
    assert "Nothing was written" in done.stdout


def test_the_room_that_duckdb_has_for_temporary_files(tmp_path: Path) -> None:
    engine = sa.create_engine(
        f"duckdb:///{tmp_path / 'a.db'}",
        connect_args={"config": {"memory_limit": "60MB", "max_temp_directory_size": "1MB"}},
    )
    writer = cs.SQLWriter(engine)
    rows = 200_000
    frames = (events(rows).assign(event_id=range(n * rows, n * rows + rows)) for n in range(10))
    with pytest.raises(NoRoomError, match=r"room that DuckDB has for temporary.*Nothing was"):
        list(map(writer.write, frames))
    engine.dispose()
