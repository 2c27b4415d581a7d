"""Exit codes, streams, Ctrl-C and pipes, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import clicksession as cs
from clicksession.cli import main
from tests.cli.calling import ROOT, call, environment, started


@pytest.mark.parametrize(
    ("line", "code", "begins"),
    [
        ("describe nothing.json", 1, "Error: nothing.json: there is no such file."),
        ("metric count nothing.duckdb", 1, "Error: compute: `data` must be a database file"),
        ("metric count shop.duckdb --since soon", 1, "Error: Count: `since` must be a time"),
        ("sql count --dialect oracle", 1, "Error: there is no dialect called 'oracle'."),
        ("describe log.csv --preset ga5", 1, "Error: there is no schema preset called 'ga5'."),
        ("metric count shop.xyz", 2, "Usage:"),
        ("metric cuont shop.duckdb", 2, "Usage:"),
        ("descrbie log.csv", 2, "Usage:"),
        ("run log.csv", 2, "Usage:"),
        ("run log.csv t.duckdb --timeout 1h --rules ga4", 2, "Usage:"),
        ("describe log.csv -t -d ;", 2, "Usage:"),
        ("metric count shop.duckdb --csv --json", 2, "Usage:"),
    ],
)
def test_errors_of_users_have_a_code_and_a_message(
    line: str, code: int, begins: str, folder: Path, capsys: Any
) -> None:
    said = call(capsys, line.replace(";", "';'"))
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(begins)
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "line",
    [
        "run log.csv postgresql+psycopg://u:s3cr3t@127.0.0.1:1/db --user customerId --time when",
        "metric count postgresql+psycopg://u:s3cr3t@127.0.0.1:1/db",
        "metric count postgres://u:s3cr3t@127.0.0.1:1/db",
        "metric count s3cr3t://u:s3cr3t@h",
        "describe https://u:s3cr3t@127.0.0.1:1/log.json?sig=s3cr3t",
        "describe log.csv --storage-option s3cr3t",
    ],
)
def test_no_message_holds_a_secret(line: str, folder: Path, capsys: Any) -> None:
    said = call(capsys, line)
    assert said.code in (1, 2)
    assert "s3cr3t" not in said.err + said.out


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise error

    for error in (RuntimeError("bug"), EOFError("of a file"), BrokenPipeError(32, "of a socket")):
        monkeypatch.setattr("clicksession.cli.doctor._found", broken)
        with pytest.raises(type(error), match=str(error.args[-1])):
            main(["doctor"])


def test_a_warning_is_a_line(folder: Path, capsys: Any) -> None:
    said = call(capsys, "metric conversion-rate shop.duckdb --events placed_order --events x")
    assert said.code == 0
    (line,) = [line for line in said.err.splitlines() if line.startswith("Warning: ")]
    assert "'x'" in line


def test_as_a_process_results_and_progress_are_apart(folder: Path) -> None:
    process = started("run events.json.gz new.duckdb --preset webshop --progress --json", folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert json.loads(out)["files_read"] == 1
    assert "reading" in err


def test_standard_input(folder: Path) -> None:
    process = started("describe - --json", folder, stdin=subprocess.PIPE)
    out, err = process.communicate(Path("log.csv").read_text(), timeout=120)
    assert (process.returncode, err) == (0, "")
    assert json.loads(out)["rows"] == 1


def test_ctrl_c_while_running_claims_nothing(folder: Path) -> None:
    log = cs.datasets.write_webshop(folder / "big.json", customers=500, seed=1)
    lines = log.read_text().splitlines()
    with log.open("a") as file:
        for copy in range(1, 6):
            text = "\n".join(line.replace('{"id": ', f'{{"id": {copy}00') for line in lines)
            file.write(f"{text}\n")
    process = started("run big.json new.duckdb --preset webshop --progress", folder)
    assert process.stderr is not None
    seen = ""
    while "k events" not in seen:
        seen += process.stderr.read(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("Interrupted.\n")
    assert "The same command goes on." in err
    assert "Traceback" not in err
    again = started("run big.json new.duckdb --preset webshop --json", folder)
    report = json.loads(again.communicate(timeout=240)[0])
    assert report["events_added"] + report["duplicates"] == 6 * len(lines)


def test_an_interrupted_database_is_an_interrupted_command(
    folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB and drivers raise errors of their own when a signal comes."""

    def interrupted(*args: object, **more: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            raise RuntimeError("Query interrupted") from None

    monkeypatch.setattr("clicksession.cli.doctor._found", interrupted)
    # Where the tests run in the background, a shell has it ignored.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        said = call(capsys, "doctor")
        assert (said.code, said.out, said.err) == (130, "", "Interrupted.\n")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, handler)


def test_a_reader_that_leaves_ends_it_without_a_word(folder: Path) -> None:
    with started("metric count shop.duckdb --by hour --csv -q", folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=120) == 141
        assert process.stderr.read() == ""


def test_a_pipe_gets_the_whole_of_it(folder: Path) -> None:
    process = started("metric count shop.duckdb --by started_at --json -q", folder)
    out, _ = process.communicate(timeout=120)
    assert len(json.loads(out)) > 100


def test_it_is_a_script_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    script = EntryPoint("clicksession", project["scripts"]["clicksession"], "console_scripts")
    assert script.load() is main


def printed_by(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    return done.stdout


def test_it_imports_click_and_nothing_heavy_before_it_must() -> None:
    code = (
        "import sys; from clicksession.cli import main; main(['--version']); main(['--help']);"
        "print([n for n in ('pandas', 'sqlalchemy', 'pyarrow', 'duckdb') if n in sys.modules])"
    )
    done = printed_by(code)
    assert done.splitlines()[-1] == "[]"


def test_the_library_itself_imports_no_click() -> None:
    code = "import sys, clicksession as cs; cs.run, cs.describe; print('click' in sys.modules)"
    done = printed_by(code)
    assert done == "False\n"


def test_completion_is_there(folder: Path) -> None:
    code = "from clicksession.cli import main; main([])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=environment(_CLICKSESSION_COMPLETE="bash_source"),
    )
    assert "complete " in done.stdout
