"""Temporary folders go with their process, however it ends, and no other's ever does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clicksession import scratch as module
from clicksession.scratch import scratch

_HOLDER = """
import sys
from clicksession.scratch import scratch
with scratch() as folder:
    (folder / "events").write_text("many")
    print(folder, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A usual folder for temporary files that is the test's alone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def holder(place: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a folder."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environment = {**os.environ, "TMPDIR": str(place)}
    process = subprocess.Popen([sys.executable, "-c", _HOLDER], text=True, env=environment, **pipes)  # type: ignore[call-overload]
    yield process
    process.kill()
    process.communicate()


def test_a_folder_goes_with_its_block(place: Path) -> None:
    with scratch() as folder:
        assert folder.parent == place
        (folder / "events").write_text("many")
    assert list(place.iterdir()) == []


def test_a_killed_process_leaves_nothing_that_the_next_one_does_not_clear(
    place: Path, holder: subprocess.Popen[str]
) -> None:
    assert holder.stdout
    left = Path(holder.stdout.readline().strip())
    with scratch():
        # Its process is alive.
        assert (left / "events").read_text() == "many"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert left.exists()
    with scratch():
        assert not left.exists()


def test_one_that_was_killed_before_it_had_the_lock(place: Path) -> None:
    (place / "clicksession-scratch-abcd_123").mkdir()
    with scratch() as folder:
        assert list(place.iterdir()) == [folder]


def test_what_is_not_ours_stays(place: Path) -> None:
    # Somebody's who is about to fill it.
    (place / "clicksession-12345678").mkdir()
    folders = [
        place / name for name in ("clicksession-scratch-abcdefgh", "clicksession-abcdefgh", "other")
    ]
    for folder in folders:
        folder.mkdir()
        (folder / "mine").write_text("dear")
    # A link, which somebody else may have put there, to what is dear.
    (folders[2] / ".clicksession-lock").touch()
    (place / "clicksession-scratch-12345678").symlink_to(folders[2])
    with scratch():
        pass
    assert (place / "clicksession-12345678").exists()
    assert all((folder / "mine").read_text() == "dear" for folder in folders)


def test_other_users_folders_stay(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place / "clicksession-scratch-abcdefgh"
    folder.mkdir()
    (folder / ".clicksession-lock").touch()
    monkeypatch.setattr(module.os, "getuid", lambda: os.stat(folder).st_uid + 1)
    with scratch():
        assert folder.exists()
    monkeypatch.undo()


def test_many_at_once(place: Path) -> None:
    """Each clears as the others begin: nobody's folder goes while it is in use."""

    def use(number: int) -> bool:
        with scratch() as folder:
            path = folder / "events"
            path.write_text(str(number))
            module._clear(place)
            return path.read_text() == str(number)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(200)))
    assert list(place.iterdir()) == []


def test_where_nothing_can_be_locked_nothing_is_cleared(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = place / "clicksession-scratch-abcdefgh"
    left.mkdir()
    (left / ".clicksession-lock").touch()

    def refuse(*_: object) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with scratch() as folder:
        assert folder.exists()
        assert left.exists()
