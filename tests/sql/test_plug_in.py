"""A dialect of another package: built, installed, found, and put to the contract."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_WHEEL = "clicksession_cratelike-1.0-py3-none-any.whl"
_INFO = "clicksession_cratelike-1.0.dist-info"
_FILES = {
    f"{_INFO}/METADATA": "Metadata-Version: 2.1\nName: clicksession-cratelike\nVersion: 1.0\n",
    f"{_INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{_INFO}/entry_points.txt": "[clicksession.dialects]\ncratelike = cratelike:CrateLike\n",
    f"{_INFO}/RECORD": "",
}
_PLUGIN = '''
"""A database that is much like PostgreSQL."""

from sqlalchemy.dialects.postgresql.base import PGDialect

from clicksession.sql.dialects import Ability
from clicksession.sql.dialects.postgresql import PostgreSQL


class Compiling(PGDialect):
    name = "cratelike"
    supports_statement_cache = True


class CrateLike(PostgreSQL):
    cannot = {Ability.PERCENTILE: "By rank.", Ability.CREATE_TABLE: "Use views."}

    def compiling(self):
        return Compiling(paramstyle="named")
'''
_CONTRACT = """
from pathlib import Path

from clicksession.testing import DialectContract


class TestCrateLike(DialectContract):
    dialect = "cratelike"
    grammar = "postgres"
    golden = Path(__file__).parent / "golden"
"""
# All else that the contract asks does not need the reviewed text.
ITS_TEXT = ("-k", "the_text_is_the_reviewed_one or found_by_what_it_compiles_as")
_CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--write-golden", action="store_true")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package, and install it into a folder of its own."""
    home = tmp_path_factory.mktemp("plug_in")
    with zipfile.ZipFile(home / _WHEEL, "w") as wheel:
        for name, text in {"cratelike.py": _PLUGIN, **_FILES}.items():
            wheel.writestr(name, text)
    site = home / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*pip, "--target", str(site), str(home / _WHEEL)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named pip" in done.stderr:
        pytest.skip("needs pip: python -m ensurepip")
    assert done.returncode == 0, done.stderr
    (site / "conftest.py").write_text(_CONFTEST)
    (site / "test_cratelike.py").write_text(_CONTRACT)
    return site


def test_it_takes_the_same_path(installed: Path) -> None:
    use = (
        "import clicksession as cs\n"
        "print(cs.to_sql(cs.metrics.SessionDuration(), 'cratelike'))\n"
        "cs.to_sql(cs.metrics.SessionDuration(), 'cratelike', create='table', name='a')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", use], cwd=installed, capture_output=True, text=True, check=False
    )
    assert "EXTRACT(EPOCH FROM sessions.ended_at - sessions.started_at)" in done.stdout
    assert "row_number() OVER (ORDER BY durations.minutes NULLS LAST)" in done.stdout
    assert "no exact form in the dialect 'cratelike' yet. Use views." in done.stderr


def contract(installed: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the contract, as its author would, in a pytest without plug-ins of its own."""
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_cratelike.py"]
    bare = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*run, *options], cwd=installed, env=bare, capture_output=True, text=True, check=False
    )


def test_it_keeps_the_contract(installed: Path) -> None:
    unread = contract(installed, "-x", "--tb=line", *ITS_TEXT)
    assert "FileNotFoundError" in unread.stdout  # nobody has reviewed its text yet
    for options in (["--write-golden", *ITS_TEXT], []):
        done = contract(installed, *options)
        assert done.returncode == 0, done.stdout
    assert (installed / "golden" / "session_duration.sql").exists()


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        # Whole minutes, and the text of a relative.
        (
            "def as_float(self, value): return value",
            "the_text_is_the_reviewed_one[session_duration]",
        ),
        ("def compiling(self): return PGDialect()", "it_is_found_by_what_it_compiles_as"),
    ],
)
def test_its_contract_finds_a_fault(installed: Path, wrong: str, test: str) -> None:
    plugin = installed / "cratelike.py"
    right = plugin.read_text()
    try:
        plugin.write_text(f"{right}    {wrong}\n")
        done = contract(installed, "--tb=no", *ITS_TEXT)
        assert done.returncode == 1
        assert f"test_{test}" in done.stdout
    finally:
        plugin.write_text(right)
