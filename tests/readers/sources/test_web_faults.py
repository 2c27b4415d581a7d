"""Web servers that fail: what passes is tried again from the place reached, what stays is told."""

import functools
import gzip
import http.server
import io
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession.readers.sources.places import find_sources
from clicksession.readers.sources.retrying import PAUSES
from tests.readers.sources.faults import Fault, Proxy, proxy
from tests.readers.sources.test_faults import FAULTS, ROWS, SOON, line
from tests.readers.sources.test_places import SECRET, assert_hidden

# A file takes several ranges.
OPTIONS = {"block_size": 2**17}
LOG = "".join(map(line, range(ROWS))).encode()
PASSING = {name: fault for name, fault in FAULTS.items() if "too many" not in name}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    (folder / "log.json").write_bytes(LOG)
    (folder / "log.json.gz").write_bytes(gzip.compress(LOG, compresslevel=0))
    with zipfile.ZipFile(folder / "logs.zip", "w") as archive:
        archive.writestr("log.json", LOG)
    cs.read_events(folder / "log.json").to_parquet(folder / "log.parquet", row_group_size=500)
    return folder


@pytest.fixture
def web(folder: Path) -> Iterator[Proxy]:
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with proxy(f"http://127.0.0.1:{server.server_port}") as running:
        yield running
    server.shutdown()
    server.server_close()
    thread.join()


def content(url: str) -> bytes:
    (source,) = find_sources(url, OPTIONS)
    kept = io.BytesIO()
    with source.open() as stream:
        shutil.copyfileobj(stream, kept)
    return kept.getvalue()


def assert_read(found: pd.DataFrame) -> None:
    assert found["event_id"].tolist() == list(range(ROWS))


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("name", ["log.json", "log.json.gz"])
def test_what_passes_is_tried_again(fault: str, name: str, web: Proxy) -> None:
    assert content(f"{web.url}/{name}") == LOG
    undisturbed = len(web.requests)
    assert undisturbed > 1
    web.spared, faults = PASSING[fault]
    web.faults = list(faults)
    assert content(f"{web.url}/{name}") == LOG
    assert web.faults == []
    # Only what broke was asked for again.
    assert len(web.requests) == 2 * undisturbed + len(faults)


@pytest.mark.parametrize("fault", PASSING)
def test_events_are_the_same(fault: str, web: Proxy) -> None:
    web.spared, faults = PASSING[fault]
    web.faults = list(faults)
    assert_read(cs.read_events(f"{web.url}/log.json.gz", storage_options=OPTIONS))
    assert web.faults == []


def test_a_fault_in_every_part(web: Proxy) -> None:
    # As many as one range is tried again for, and then again: what came counts anew.
    web.faults = [Fault(after=0.9)] * len(PAUSES)
    web.spared = 1
    assert content(f"{web.url}/log.json") == LOG


@pytest.mark.parametrize("faults", [[], [Fault(503)], [Fault(after=0.5), Fault(after=0.7)]])
@pytest.mark.parametrize("spared", [0, 1, 2])
def test_a_server_without_ranges(spared: int, faults: list[Fault], web: Proxy) -> None:
    web.ranges, web.spared, web.faults = False, spared, list(faults)
    assert content(f"{web.url}/log.json") == LOG
    assert web.faults == [] or spared == 2


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("spared", [0, 1])
def test_parquet_is_sought(spared: int, ranges: bool, web: Proxy) -> None:
    web.ranges, web.spared, web.faults = ranges, spared, [Fault(after=0.5), Fault(503)]
    options = {"block_size": 2**14}
    assert_read(cs.read_events(f"{web.url}/log.parquet", storage_options=options))
    assert web.faults == []


@pytest.mark.parametrize("spared", [0, 1, 3])
def test_an_archive(spared: int, web: Proxy) -> None:
    web.spared, web.faults = spared, [Fault(after=0.5), Fault(503)]
    url = f"zip://*.json::{web.url}/logs.zip"
    assert_read(cs.read_events(url, storage_options={"http": OPTIONS}))
    assert web.faults == []


def fails_soon(url: str, **options: Any) -> cs.errors.ReadError:
    began = time.monotonic()
    with pytest.raises(cs.errors.ReadError) as caught:
        cs.read_events(f"{url}?signature={SECRET}", storage_options={**OPTIONS, **options})
    assert time.monotonic() - began < SOON
    assert_hidden(SECRET, caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, cs.errors.ReadError, "400"),
        (403, cs.errors.ReadError, "403"),
        (404, cs.errors.SourceNotFoundError, "there is no such file"),
        (410, cs.errors.SourceNotFoundError, "there is no such file"),
        (429, cs.errors.ReadError, "429"),
    ],
)
@pytest.mark.parametrize("from_the_start", [True, False], ids=["at once", "in mid-file"])
def test_a_refusal_is_taken_at_its_word(
    status: int, kind: type[Exception], said: str, from_the_start: bool, web: Proxy
) -> None:
    # With a query, the proxy knows no content: without one here, for what it counts.
    if from_the_start:
        web.always = Fault(status)
        error = fails_soon(f"{web.url}/log.json")
    else:
        web.spared, web.faults = 1, [Fault(status)]
        with pytest.raises(cs.errors.ReadError) as caught:
            cs.read_events(f"{web.url}/log.json", storage_options=OPTIONS)
        error = caught.value
        assert len(web.requests) == 2
    assert type(error) is kind
    assert said in str(error)


def test_a_server_that_stays_unavailable(web: Proxy) -> None:
    web.always = Fault(503)
    error = fails_soon(f"{web.url}/log.json")
    assert type(error) is cs.errors.ReadError
    assert "503" in str(error)


def test_a_wrong_address(free_port: int) -> None:
    began = time.monotonic()
    error = fails_soon(f"http://127.0.0.1:{free_port}/log.json")
    assert time.monotonic() - began < sum(PAUSES)
    assert "Cannot connect to host" in str(error)


def test_a_file_that_changes_on_the_way(web: Proxy, folder: Path) -> None:
    path = folder / "growing.json"
    path.write_bytes(LOG)
    (source,) = find_sources(f"{web.url}/growing.json", OPTIONS)
    with source.open() as stream:
        stream.read(10)
        path.write_bytes(LOG + LOG)
        web.faults = [Fault(503)]
        with pytest.raises(cs.errors.ReadError, match=r"it changed while it was read: from .* to"):
            shutil.copyfileobj(stream, io.BytesIO())
