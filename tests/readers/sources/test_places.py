"""Places: files, patterns, lists, HTTPS, a bucket; and errors that name them and no secret."""

import bz2
import gzip
import http.server
import importlib.util
import lzma
import pickle
import ssl
import threading
import traceback
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
import trustme
from gcsfs.core import GCSFileSystem

import clicksession as cs
from clicksession.readers.sources.tables.roots import is_there

SECRET = "s3cr3t"
LINE = '{"event_id": %d, "user_id": 1, "timestamp": "2024-05-01T10:00:00"}\n'


def ids(source: Any, **options: Any) -> list[int]:
    found: list[int] = cs.read_events(source, **options)["event_id"].tolist()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (2, 10, 1):
        (tmp_path / f"part-{number:02}.json").write_text(LINE % number)
    return tmp_path


def test_a_pattern_reads_files_in_the_order_of_their_names(folder: Path) -> None:
    assert ids(folder / "part-*.json") == [1, 2, 10]
    assert ids(f"file://{folder}/part-0?.json") == [1, 2]


def test_a_list_keeps_its_order(folder: Path) -> None:
    assert ids([folder / "part-10.json", str(folder / "part-01.json")]) == [10, 1]


def test_batches_hold_the_same_events(folder: Path) -> None:
    batches = list(cs.scan_events(folder / "part-*.json", batch_rows=1))
    assert [batch["event_id"].tolist() for batch in batches] == [[1], [2], [10]]


@pytest.mark.parametrize("rows", [0, -1, 1.5])
def test_batches_of_no_rows_are_refused(rows: Any, folder: Path) -> None:
    with pytest.raises(cs.errors.ParameterError, match="`batch_rows` must be a positive whole"):
        cs.scan_events(folder / "part-*.json", batch_rows=rows)


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A real web server for the folder, and what a client needs to trust it."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=folder))
    options: dict[str, Any] = {}
    if request.param == "https":
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        running.socket = context.wrap_socket(running.socket, server_side=True)
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        options = {"ssl": trusting}
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"{request.param}://127.0.0.1:{running.server_port}", options
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_web_server(server: tuple[str, dict[str, Any]]) -> None:
    url, options = server
    assert ids(f"{url}/part-02.json", storage_options=options) == [2]
    assert ids(f"{url}/part-02.json?signature=abc", storage_options=options) == [2]


def test_a_web_server_without_the_file(server: tuple[str, dict[str, Any]]) -> None:
    url, options = server
    with pytest.raises(cs.errors.SourceNotFoundError) as caught:
        ids(f"{url}/none.json?signature={SECRET}", storage_options=options)
    assert f"{url}/none.json?***: there is no such file." in str(caught.value)
    assert_hidden(SECRET, caught.value)


def test_a_bucket(bucket: dict[str, Any]) -> None:
    filesystem = GCSFileSystem(**bucket)
    for number in (2, 1):
        content = gzip.compress((LINE % number).encode())
        filesystem.pipe_file(f"shop/events/2022-05-0{number}.json.gz", content)
    assert ids("gs://shop/events/2022-05-*.json.gz", storage_options=bucket) == [1, 2]
    assert ids("gs://shop/events/2022-05-02.json.gz", storage_options=bucket) == [2]
    with pytest.raises(
        cs.errors.SourceNotFoundError, match=r"gs://shop/events/none\.json: there is"
    ):
        ids("gs://shop/events/none.json", storage_options=bucket)
    with pytest.raises(cs.errors.SourceNotFoundError, match="no file matches this pattern"):
        ids("gs://shop/none/*.json", storage_options=bucket)


def test_an_unknown_bucket_gives_an_error_and_no_wait(bucket: dict[str, Any]) -> None:
    with pytest.raises(cs.errors.ReadError, match=r"gs://nobodys/x\.json"):
        ids("gs://nobodys/x.json", storage_options=bucket)


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.json: there is no such file\. Paths are"):
        ids(tmp_path / "none.json")
    with pytest.raises(cs.errors.SourceNotFoundError, match=r"\*\.csv: no file matches"):
        ids(tmp_path / "*.csv")


@pytest.mark.parametrize("address", ["{}", "{}/", "file://{}/"])
def test_a_folder_gives_its_files_in_the_order_of_their_names(address: str, folder: Path) -> None:
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-03.json.crc").write_text("x")
    (folder / "more").mkdir()
    (folder / "more" / "a.json").write_text(LINE % 3)
    assert ids(address.format(folder)) == [3, 1, 2, 10]


def test_a_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(cs.errors.SourceNotFoundError, match="there is no file in this folder"):
        ids(tmp_path)


def test_files_in_memory() -> None:
    filesystem = fsspec.filesystem("memory")
    for number in (2, 1):
        filesystem.pipe_file(f"/readers/{number}.json", (LINE % number).encode())
    assert ids("memory://readers/*.json") == [1, 2]
    assert ids(["memory://readers/2.json"]) == [2]


def test_files_within_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        for number in (2, 1):
            archive.writestr(f"{number}.json", LINE % number)
        archive.writestr("3.csv", "event_id,user_id,timestamp\n3,1,2024-05-01\n")
        archive.writestr("4.json.gz", gzip.compress((LINE % 4).encode()))
    assert ids(f"zip://*.json::{tmp_path}/logs.zip") == [1, 2]
    assert ids(f"zip://3.csv::{tmp_path}/logs.zip") == [3]
    assert ids(f"zip://*::file://{tmp_path}/logs.zip") == [1, 2, 3, 4]
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("5.json", "{oops")
    with pytest.raises(cs.errors.BadRowError) as caught:
        ids(f"zip://*.json::{tmp_path}/logs.zip")
    assert str(caught.value).startswith(f"zip://5.json::{tmp_path}/logs.zip, line 1: ")


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [
        ("s3://shop/*.json", "s3fs", "s3"),
        ("az://shop/log.json", "adlfs", "azure"),
        ("abfs://shop/log.json", "adlfs", "azure"),
        ("zip://a.json::s3://shop/logs.zip", "s3fs", "s3"),
    ],
)
def test_a_store_whose_package_is_missing(
    url: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    without = lambda name: None if name == package else found(name)  # noqa: E731
    monkeypatch.setattr("clicksession.readers.sources.files.find_spec", without)
    with pytest.raises(cs.errors.MissingExtraError) as caught:
        ids(url, storage_options={"secret": SECRET})
    assert f'Type: pip install "clicksession[{extra}]"' in str(caught.value)
    assert_hidden(SECRET, caught.value)


def test_an_unknown_protocol() -> None:
    with pytest.raises(
        cs.errors.ReadError, match=r"ftpx://\*\*\*@a/b: no filesystem is known"
    ) as caught:
        ids(f"ftpx://anna:{SECRET}@a/b")
    assert_hidden(SECRET, caught.value)


def test_an_unknown_format(folder: Path) -> None:
    with pytest.raises(
        cs.errors.UnknownNameError, match=r"format called 'jsn'. Did you mean 'json'"
    ):
        ids(folder / "part-01.json", format="jsn")


def test_the_format_by_the_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(LINE % 5)
    (tmp_path / "b").write_text("event_id,user_id,timestamp\n6,1,2024-05-01\n")
    (tmp_path / "c.log").write_text("what is this")
    assert ids(tmp_path / "a") == [5]
    assert ids(tmp_path / "b") == [6]
    with pytest.raises(cs.errors.ReadError, match=r"the format cannot be told"):
        ids(tmp_path / "c.log")


def test_a_file_that_is_not_as_compressed_as_its_name_says(tmp_path: Path) -> None:
    # A store may have undone it on the way; the first bytes decide.
    (tmp_path / "log.json.gz").write_text(LINE % 1)
    assert ids(tmp_path / "log.json.gz") == [1]


def test_the_first_bytes_say_how_a_file_is_compressed(tmp_path: Path) -> None:
    packed = {
        "gzip": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zstd": partial(pa.compress, codec="zstd", asbytes=True),
        # As parallel compressors write: a frame to be skipped, and then several.
        "pzstd": lambda content: b"".join(
            b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + pa.compress(part, "zstd", asbytes=True)
            for part in content.splitlines(keepends=True)
        ),
    }
    for number, pack in enumerate(packed.values()):
        content = (LINE % number + LINE % (number + 10)).encode()
        (tmp_path / "log").write_bytes(pack(content))
        assert ids(tmp_path / "log") == [number, number + 10]
        (tmp_path / "log.json.gz").write_bytes(pack(content))
        assert ids(tmp_path / "log.json.gz", format="json") == [number, number + 10]


def test_a_text_is_not_taken_for_compressed(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("BZh9,user_id,timestamp\nx,1,2024-05-01\n")
    assert "x" in cs.read_events(tmp_path / "log.csv").iloc[0].tolist()


@pytest.mark.parametrize("format", ["json.gz", "gzip", "csv.ZST"])
def test_a_compression_is_no_format(format: str, folder: Path) -> None:
    said = r"no format called .* Leave the compression out: a file's first bytes say"
    with pytest.raises(cs.errors.UnknownNameError, match=said):
        ids(folder / "part-01.json", format=format)


def test_options_never_show(free_port: int) -> None:
    options = {
        "token": {"client_secret": f"{SECRET}-1", "refresh_token": f"{SECRET}-2"},
        "endpoint_url": f"http://127.0.0.1:{free_port}",
        "session_kwargs": {"headers": f"{SECRET}-3"},
    }
    with pytest.raises(cs.errors.ReadError) as caught:
        ids("gs://shop/x.json", storage_options=options)
    for number in (1, 2, 3):
        assert_hidden(f"{SECRET}-{number}", caught.value)


def assert_hidden(secret: str, error: BaseException) -> None:
    assert secret not in "".join(traceback.format_exception(error))
    assert secret not in repr(error)
    assert secret.encode() not in pickle.dumps(error)


def test_what_may_not_be_asked_for_is_not_there() -> None:
    class Closed:
        def exists(self, path: str) -> bool:
            raise PermissionError(path)

    assert not is_there(Closed(), "bucket/_delta_log")
