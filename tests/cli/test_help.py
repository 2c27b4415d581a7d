"""Help teaches: each command has examples, and they run."""

import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from clicksession.cli.app import COMMANDS, app
from clicksession.cli.metrics import metrics_by_name
from tests.cli.calling import call

LINES = [
    *COMMANDS,
    *(f"{group} {name}" for group in ("metric", "sql") for name in metrics_by_name()),
]
# What an example needs that no test has.
ELSEWHERE = ("gs://", "postgresql+psycopg://", "logs/*")


def examples_of(text: str) -> list[str]:
    shown = text.partition("Examples:\n")[2].splitlines()
    return [line.strip() for line in shown if line.strip()]


@pytest.mark.parametrize("line", ["", *LINES])
def test_help_has_examples_and_says_what_each_option_is(line: str, capsys: Any) -> None:
    said = call(capsys, f"{line} --help")
    assert (said.code, said.err) == (0, "")
    assert all(each.startswith(("clicksession ", "zcat ")) for each in examples_of(said.out))
    assert examples_of(said.out)
    assert "\\b" not in said.out
    assert "``" not in said.out


def test_every_option_has_a_help() -> None:
    with click.Context(app) as ctx:
        for name in COMMANDS:
            command = app.get_command(ctx, name)
            assert command is not None
            for each in command.params:
                assert not isinstance(each, click.Option) or each.help, (name, each.name)


@pytest.mark.parametrize("line", LINES)
def test_examples_run(line: str, folder: Path, capsys: Any) -> None:
    for example in examples_of(call(capsys, f"{line} --help").out):
        if not example.startswith("clicksession") or any(each in example for each in ELSEWHERE):
            continue
        words = shlex.split(example)
        end = next((n for n, word in enumerate(words) if word in ("|", ">")), len(words))
        said = call(capsys, shlex.join(words[1:end]))
        assert said.code == 0, (example, said.err)
        assert said.out or "report" in example, example


def test_help_of_all_loads_no_command(capsys: Any) -> None:
    said = call(capsys, "--help")
    assert [line.split()[0] for line in said.out.partition("Commands:\n")[2].splitlines()[:3]] == [
        "demo",
        "describe",
        "suggest-timeout",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_is_the_beginning_of_the_commands_own_help(name: str) -> None:
    with click.Context(app) as ctx:
        command = app.get_command(ctx, name)
    assert command is not None
    assert command.help


def test_what_may_be_given_again_says_so(capsys: Any) -> None:
    said = " ".join(call(capsys, "metric funnel --help").out.split())
    assert "the option again for each further one." in said
