"""`clicksession doctor`: what is installed, and what may be."""

import json
import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Any

import click

from clicksession import __version__
from clicksession.cli.options import verbatim
from clicksession.cli.output import emit

__all__ = ["command"]

# What the project itself needs, and no user.
_OWN = ("bench", "dev", "docs", "fuzz", "test")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")


@click.command(
    "doctor", epilog=verbatim("clicksession doctor", "clicksession doctor --json > report.json")
)
@click.option("--json", "as_json", is_flag=True, help="An object of JSON.")
def command(as_json: bool) -> None:
    """Say what is installed: versions, extras, formats, databases, and the line for the rest.

    Nothing is connected to, and nothing is installed. Give its output with a report of a fault.
    """
    found = _found()
    emit(json.dumps(found, indent=2) if as_json else _text(found))


def _found() -> dict[str, Any]:
    from clicksession.readers import READERS
    from clicksession.sql.dialects import DIALECTS

    core, extras = _packages()
    return {
        "clicksession": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in core},
        "extras": {
            extra: {name: _version(name) for name in names} for extra, names in extras.items()
        },
        "formats": {name: _reads(name) for name in READERS.names()},
        "dialects": {name: _writes_sql(name) for name in DIALECTS.names()},
    }


def _packages() -> tuple[list[str], dict[str, list[str]]]:
    """Return the packages that are always needed, and those of each extra that is for users."""
    core: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in requires("clicksession") or []:
        found, extra = _NAME.match(requirement), _EXTRA.search(requirement)
        name = found.group() if found else requirement
        if extra is None:
            core.append(name)
        elif extra[1] not in _OWN:
            extras.setdefault(extra[1], []).append(name)
    return core, dict(sorted(extras.items()))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _reads(format: str) -> bool:
    """Say whether the package is there that reads a format."""
    package = {"avro": "fastavro"}.get(format)
    return package is None or find_spec(package) is not None


def _writes_sql(dialect: str) -> bool:
    """Say whether the package is there that knows a database's grammar."""
    from clicksession import metrics, to_sql
    from clicksession.errors import ClicksessionError

    try:
        return bool(to_sql(metrics.Count(), dialect))
    except ClicksessionError:
        return False


def _text(found: dict[str, Any]) -> str:
    lines = [
        f"clicksession {found['clicksession']}, Python {found['python']}, {found['platform']}",
        "",
        "packages",
        *(f"  {name:<16} {said or 'missing'}" for name, said in found["packages"].items()),
        "",
        "extras",
        *(f"  {extra:<16} {_said(names)}" for extra, names in found["extras"].items()),
        "",
        f"formats           {_names(found['formats'])}",
        f"SQL for           {_names(found['dialects'])}",
    ]
    lacking = [extra for extra, names in found["extras"].items() if None in names.values()]
    if not lacking:
        return "\n".join([*lines, "", "Nothing is missing."])
    install = f'pip install "clicksession[{",".join(lacking)}]"'
    return "\n".join([*lines, "", f"For what is missing: {install}"])


def _said(names: dict[str, str | None]) -> str:
    return ", ".join(f"{name} {said or 'missing'}" for name, said in names.items())


def _names(are_there: dict[str, bool]) -> str:
    return ", ".join(name if there else f"{name} (missing)" for name, there in are_there.items())
