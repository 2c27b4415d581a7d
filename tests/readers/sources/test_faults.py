"""Stores that fail: what passes is tried again, what stays is one error soon, Ctrl-C ends it."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from gcsfs.core import GCSFileSystem

import clicksession as cs
from tests.readers.sources.faults import Fault, Proxy, proxy

# More than the ranges that gcsfs is told to ask for.
ROWS = 3_000
OPTIONS = {"token": "anon", "block_size": 2**17}
SOON = 8.0


def line(number: int) -> str:
    event = {"event_id": number, "user_id": number % 7, "timestamp": "2024-05-01T10:00:00Z"}
    return json.dumps({**event, "note": f"{number:0200}"}) + "\n"


@pytest.fixture(scope="module")
def log(bucket: dict[str, Any]) -> str:
    content = "".join(map(line, range(ROWS))).encode()
    GCSFileSystem(**bucket).pipe_file("shop/faults/log.json", content)
    return "gs://shop/faults/log.json"


@pytest.fixture
def store(bucket: dict[str, Any]) -> Iterator[Proxy]:
    with proxy(bucket["endpoint_url"]) as running:
        yield running


def read(url: str, store: Proxy) -> pd.DataFrame:
    return cs.read_events(url, storage_options={"endpoint_url": store.url, **OPTIONS})


@pytest.fixture(scope="module")
def undisturbed(log: str, bucket: dict[str, Any]) -> pd.DataFrame:
    found = cs.read_events(log, storage_options=bucket)
    assert found["event_id"].tolist() == list(range(ROWS))
    return found


# How many requests for the content go well, and how the next ones do not.
FAULTS: dict[str, tuple[int, list[Fault]]] = {
    "unavailable": (0, [Fault(503)]),
    "too many requests, then an error within": (1, [Fault(429), Fault(500)]),
    "dropped before the first byte": (0, [Fault(after=0)]),
    "dropped in mid-file": (1, [Fault(after=0.5)]),
    "dropped, then unavailable": (1, [Fault(after=0.9), Fault(503)]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_is_tried_again(
    fault: str, log: str, store: Proxy, undisturbed: pd.DataFrame
) -> None:
    store.spared, faults = FAULTS[fault]
    store.faults = list(faults)
    found = read(log, store)
    assert store.faults == []
    ranges = [range_ for _, range_ in store.requests]
    assert len(ranges) == len(set(ranges)) + len(faults)
    pd.testing.assert_frame_equal(found, undisturbed)


def test_a_compressed_file_that_is_cut_off_on_the_way(
    bucket: dict[str, Any], store: Proxy, undisturbed: pd.DataFrame
) -> None:
    content = gzip.compress("".join(map(line, range(ROWS))).encode(), compresslevel=1)
    GCSFileSystem(**bucket).pipe_file("shop/faults/log.json.gz", content)
    store.faults = [Fault(after=0.5), Fault(503)]
    found = read("gs://shop/faults/log.json.gz", store)
    assert store.faults == []
    pd.testing.assert_frame_equal(found, undisturbed)


def fails_soon(url: str, **options: Any) -> cs.errors.ReadError:
    began = time.monotonic()
    with pytest.raises(cs.errors.ReadError) as caught:
        cs.read_events(url, storage_options={**OPTIONS, **options})
    assert time.monotonic() - began < SOON
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (403, cs.errors.ReadError, r"gs://shop/faults/log\.json: .*Forbidden.* permissions"),
        (404, cs.errors.SourceNotFoundError, r"gs://shop/faults/log\.json: there is no such file"),
    ],
)
@pytest.mark.parametrize("from_the_start", [True, False], ids=["at once", "in mid-file"])
def test_what_stays_is_one_error(
    status: int,
    kind: type[cs.errors.ReadError],
    said: str,
    from_the_start: bool,
    log: str,
    store: Proxy,
) -> None:
    if from_the_start:
        store.always = Fault(status)
    else:
        store.spared, store.faults = 1, [Fault(status)]
    error = fails_soon(log, endpoint_url=store.url)
    assert type(error) is kind
    assert_says(error, said)


def assert_says(error: BaseException, said: str) -> None:
    assert re.search(said, str(error), re.DOTALL), str(error)


@pytest.mark.parametrize("url", ["gs://nobodys/log.json", "gs://nobodys/*.json"])
def test_an_unknown_bucket(url: str, store: Proxy) -> None:
    assert_says(fails_soon(url, endpoint_url=store.url), "gs://nobodys/.*: ")


def test_a_wrong_endpoint(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    said = f"{url}: nothing answers there .* endpoint_url"
    assert_says(fails_soon("gs://shop/log.json", endpoint_url=url), said)
    assert_says(fails_soon("gs://shop/*.json", endpoint_url=url), said)


def test_a_wrong_endpoint_from_the_environment(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"127.0.0.1:{free_port}")
    assert_says(fails_soon("gs://shop/log.json"), "nothing answers there .*STORAGE_EMULATOR_HOST")


_CHILD = """
import sys, threading
import clicksession as cs
url, endpoint = sys.argv[1:]
print("reading", flush=True)
try:
    for batch in cs.scan_events(
        url, storage_options={"endpoint_url": endpoint, "token": "anon", "block_size": 2**17}
    ):
        pass
except KeyboardInterrupt:
    # fsspec keeps one thread for all of its connections, from the first to the end of the process,
    # and gcsfs one for files that the first one closes.
    kept = ("MainThread", "fsspecIO", "gcsfs-deferred-close")
    print("left:", [t.name for t in threading.enumerate() if t.name not in kept], flush=True)
    raise
print("read to the end")
"""


def test_ctrl_c_leaves_no_threads_and_no_files(log: str, store: Proxy, tmp_path: Path) -> None:
    # Some bytes have come, and the rest never does.
    store.spared, store.faults = 1, [Fault(stall=True)]
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, log, store.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=tmp_path,
    )
    try:
        assert store.stalling.wait(60)
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        said, errors = child.communicate(timeout=30)
    finally:
        child.kill()
    assert time.monotonic() - began < SOON
    assert said == "reading\nleft: []\n"
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert child.returncode in (-signal.SIGINT, 130, 1)
    assert list(tmp_path.iterdir()) == []
