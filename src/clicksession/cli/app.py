"""The commands, each loaded when it is asked for."""

from importlib import import_module

import click

from clicksession import __version__
from clicksession.cli.options import Commands, verbatim

__all__ = ["Kept", "app"]

#: The commands in the order in which help shows them, and what it says of each: help loads none.
COMMANDS = {
    "demo": "See it work on a made-up log.",
    "describe": "Say what a log holds, and guess how to read it.",
    "suggest-timeout": "Say which timeout the pauses themselves suggest.",
    "run": "Read events, cut them into sessions, and keep both in a database.",
    "metric": "Compute a metric over a target.",
    "sql": "Print the SQL of a metric, for any database.",
    "report": "Write a page with the sessions of a target.",
    "doctor": "Say what is installed, and how to install the rest.",
}


_HELP = """From raw click events to sessions, in a database, with metrics that say what they count.

\b
See it work on a made-up log:  clicksession demo
Look at a log of your own:     clicksession describe events.json.gz
Make sessions of it:           clicksession run events.json.gz shop.duckdb --preset webshop
Ask a question:                clicksession metric conversion-rate shop.duckdb --by day

Results go to standard output, all else to standard error. Exit codes: 0 done, 1 an error that its
message explains, 2 wrong usage, 130 Ctrl-C, 141 the reader of a pipe left.

\b
Completion by Tab, for bash, and for zsh and fish by their names in place of it:
  eval "$(_CLICKSESSION_COMPLETE=bash_source clicksession)"
"""


class Kept(Exception):  # noqa: N818  # no error of its own: it carries one
    """An error that click would take for the end of its input, or of whoever reads its output."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class _Commands(Commands):
    """A group whose commands are in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names, in order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one of them."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"clicksession.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each of them does."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (EOFError, BrokenPipeError) as error:
            # Of a file or a socket: click would end without a word.
            raise Kept(error) from error


@click.group(
    cls=_Commands,
    kind="command",
    help=_HELP,
    epilog=verbatim("clicksession demo", "clicksession metric --help"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def app() -> None:
    """Run one of the commands."""
