"""Which file is another one: by its whole path, or its address with what its query asks for."""

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

import clicksession as cs
from clicksession.readers.rows.duplicates.keys import EVENT_ID


def line(user: int) -> str:
    return json.dumps({"user_id": user, "timestamp": "2024-05-01T10:00:00Z"}) + "\n"


def stored(target: str) -> list[int]:
    engine = sa.create_engine(target)
    with engine.connect() as connection:
        users = connection.execute(sa.text("SELECT user_id FROM events ORDER BY 1")).all()
    engine.dispose()
    return [user for (user,) in users]


@pytest.fixture
def target(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'target.db'}"


def test_a_file_of_the_same_name_in_another_folder_is_another(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        folder = tmp_path / f"0{number}"
        folder.mkdir()
        file = folder / "events.json"
        file.write_text(line(number))
        os.utime(file, (1_714_557_600, 1_714_557_600))
        monkeypatch.chdir(folder)
        report = cs.run("events.json", target)
        assert (report.files_read, report.events_added) == (1, 1)
    assert stored(target) == [1, 2]
    # By whatever path it is given, it is the one that was read.
    report = cs.run([tmp_path / "01" / "events.json", "../02/events.json"], target)
    assert (report.files_read, report.files_skipped) == (0, 2)


class _Days(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        day = int(parse_qs(urlsplit(self.path).query)["day"][0])
        body = line(day).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"the same"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  (as the server looks for it)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), _Days)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def test_what_a_url_asks_for_is_part_of_it(target: str, server: str) -> None:
    for day in (1, 2):
        report = cs.run(f"{server}/export.json?day={day}&sig=s3cr3t", target)
        assert (report.files_read, report.events_added) == (1, 1)
    assert stored(target) == [1, 2]
    # Signed anew, it is the same file.
    report = cs.run(f"{server}/export.json?day=1&sig=0ther", target)
    assert (report.files_read, report.files_skipped) == (0, 1)
    engine = sa.create_engine(target)
    with engine.connect() as connection:
        names = connection.execute(sa.text("SELECT name FROM clicksession_files")).scalars().all()
    engine.dispose()
    assert len(set(names)) == 2
    assert not any("day=" in name or "s3cr3t" in name for name in names)


@pytest.mark.parametrize("given", ["absolute", "relative"])
def test_a_file_can_be_forgotten_as_it_was_given(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    file = tmp_path / "events.json"
    file.write_text(line(1))
    monkeypatch.chdir(tmp_path)
    cs.run("events.json", target)
    writer = cs.SQLWriter(target)
    name = str(file) if given == "absolute" else "events.json"
    writer.delete_events(cs.read_events(file), file=name)
    assert writer._target.held(None, EVENT_ID, ()).files == set()
    assert stored(target) == []
