"""S3 and Azure: real APIs on loopback, through the libraries that users have."""

import gzip
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from tests.readers.sources.faults import Fault, proxy
from tests.readers.sources.test_places import LINE, assert_hidden, ids

SOON = 8.0
SECRET = "s3cr3tS3cr3t"
# The account and key that Azurite always has.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass
class Store:
    """A running store with a bucket ``shop``.

    Attributes
    ----------
    protocol
        What its URLs begin with.
    endpoint
        Where it listens.
    options_at
        The storage options for an address.
    secrets
        What these hold that no message may show.
    filesystem
        Something to write with.
    """

    protocol: str
    endpoint: str
    options_at: Callable[[str], dict[str, Any]]
    secrets: tuple[str, ...]
    filesystem: Any = field(repr=False)

    @property
    def options(self) -> dict[str, Any]:
        return self.options_at(self.endpoint)

    def put(self, name: str, content: bytes) -> str:
        self.filesystem.pipe_file(f"shop/{name}", content)
        return f"{self.protocol}://shop/{name}"


def s3() -> Iterator[Store]:
    why = 'needs an S3 API: pip install "clicksession[test]"'
    server = pytest.importorskip("moto.server", reason=why)
    s3fs = pytest.importorskip("s3fs", reason=why)
    running = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()

    def options_at(endpoint: str) -> dict[str, Any]:
        return {"endpoint_url": endpoint, "key": "anna-key", "secret": SECRET}

    endpoint = f"http://{host}:{port}"
    yield Store("s3", endpoint, options_at, (SECRET,), s3fs.S3FileSystem(**options_at(endpoint)))
    running.stop()


def az() -> Iterator[Store]:
    why = 'needs the library for Azure: pip install "clicksession[test]"'
    adlfs = pytest.importorskip("adlfs", reason=why)
    command = shutil.which("azurite-blob")
    if command is None:
        pytest.skip("needs an Azure API: npm install --global azurite")
    options = ["--inMemoryPersistence", "--blobPort", "0", "--disableTelemetry"]
    process = subprocess.Popen(
        [command, *options, "--skipApiVersionCheck"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = ""
    while not (found := re.search(r"listens on (http\S+)", said)):
        assert process.poll() is None, said
        said += process.stdout.readline()

    def options_at(endpoint: str) -> dict[str, Any]:
        blobs = f"BlobEndpoint={endpoint}/{ACCOUNT}"
        return {"connection_string": f"AccountName={ACCOUNT};AccountKey={KEY};{blobs};"}

    filesystem = adlfs.AzureBlobFileSystem(**options_at(found[1]))
    yield Store("az", found[1], options_at, (KEY,), filesystem)
    process.kill()
    process.communicate()


@pytest.fixture(scope="module", params=[s3, az], ids=["s3", "az"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    for running in request.param():
        running.filesystem.mkdir("shop")
        yield running


def test_files_patterns_and_folders(store: Store) -> None:
    for number in (2, 10, 1):
        store.put(f"events/part-{number:02}.json", (LINE % number).encode())
    store.put("events/_SUCCESS", b"")
    root = f"{store.protocol}://shop/events"
    assert ids(f"{root}/part-02.json", storage_options=store.options) == [2]
    assert ids(f"{root}/part-*.json", storage_options=store.options) == [1, 2, 10]
    assert ids(f"{root}/", storage_options=store.options) == [1, 2, 10]
    # What came since the last listing is seen.
    store.put("events/part-11.json", (LINE % 11).encode())
    assert ids(f"{root}/*", storage_options=store.options) == [1, 2, 10, 11]


def test_a_compressed_file(store: Store) -> None:
    content = "".join(LINE % number for number in range(10_000)).encode()
    url = store.put("large/log.json.gz", gzip.compress(content))
    assert ids(url, storage_options=store.options) == list(range(10_000))


def test_parquet(store: Store, tmp_path: Path) -> None:
    events = pd.DataFrame({"user_id": range(1_000), "timestamp": pd.Timestamp("2024-05-01")})
    events.to_parquet(tmp_path / "log.parquet")
    url = store.put("log.parquet", (tmp_path / "log.parquet").read_bytes())
    found = cs.read_events(url, storage_options=store.options)
    assert found.equals(cs.read_events(tmp_path / "log.parquet"))


def test_a_file_of_an_archive(store: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("a.json", LINE % 3)
    url = store.put("logs.zip", (tmp_path / "logs.zip").read_bytes())
    chained = f"zip://*.json::{url}"
    assert ids(chained, storage_options={store.protocol: store.options}) == [3]


def test_a_quarantine_is_written_and_read(store: Store) -> None:
    url = store.put("bad.json", (LINE % 1).encode() + b"{oops\n")
    report = cs.ReadReport()
    found = ids(url, storage_options=store.options, on_error="quarantine", report=report)
    assert found == [1]
    report.quarantine.write(f"{url}.bad", storage_options=store.options)
    kept = cs.Quarantine.read(f"{url}.bad", storage_options=store.options)
    assert [row.raw for row in kept] == [b"{oops"]


def fails(store: Store, url: str, **options: Any) -> cs.errors.ReadError:
    began = time.monotonic()
    with pytest.raises(cs.errors.ReadError) as caught:
        ids(url, storage_options=options or store.options)
    assert time.monotonic() - began < SOON
    for secret in store.secrets:
        assert_hidden(secret, caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shop/none.json", "there is no such file"),
        ("shop/*.none", "no file matches this pattern"),
        ("shop/none/", "there is no"),
        ("nobodys/log.json", "there is no such file. Check the bucket"),
        ("nobodys/*.json", "no file matches this pattern. Check the bucket"),
        ("nobodys/logs/", "there is no .* Check the bucket"),
    ],
)
def test_what_is_not_there(store: Store, name: str, said: str) -> None:
    error = fails(store, f"{store.protocol}://{name}")
    assert isinstance(error, cs.errors.SourceNotFoundError)
    assert re.search(rf"^{store.protocol}://{re.escape(name)}: {said}", str(error)), str(error)


@pytest.mark.parametrize("name", ["shop/log.json", "shop/*.json", "shop/"])
@pytest.mark.parametrize("host", ["127.0.0.1", "nobody.invalid"])
def test_a_wrong_endpoint(store: Store, host: str, name: str, free_port: int) -> None:
    endpoint = f"http://{host}:{free_port}"
    error = fails(store, f"{store.protocol}://{name}", **store.options_at(endpoint))
    assert str(error).startswith(f"{endpoint}: nothing answers there")
    assert re.search("endpoint_url of storage|BlobEndpoint of connection", str(error))


def test_a_refusal(store: Store) -> None:
    url = store.put("secret.json", (LINE % 1).encode())
    if store.protocol == "s3":
        # Moto takes any key.
        with proxy(store.endpoint) as before:
            before.always = Fault(403)
            error = fails(store, url, **store.options_at(before.url))
        assert "Forbidden" in str(error)
    else:
        wrong = KEY[::-1].lstrip("=") + "=="
        options = {"connection_string": store.options["connection_string"].replace(KEY, wrong)}
        error = fails(store, url, **options)
        assert "authenticate" in str(error)
        assert_hidden(wrong, error)


@pytest.mark.parametrize(
    "faults",
    [[Fault(after=0.5)], [Fault(503)], [Fault(500), Fault(after=0)]],
    ids=["dropped", "unavailable", "both"],
)
def test_what_passes_is_tried_again(store: Store, faults: list[Fault]) -> None:
    if store.protocol == "az" and faults[0].status:
        pytest.skip("Azure's library waits 15 seconds before it asks again")
    content = "".join(LINE % number for number in range(3_000)).encode()
    url = store.put("faults.json", content)
    with proxy(store.endpoint) as before:
        before.faults = list(faults)
        assert ids(url, storage_options=store.options_at(before.url)) == list(range(3_000))
        assert before.faults == []
