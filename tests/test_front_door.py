"""`import clicksession`: light, complete, and honest about what it has."""

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

import clicksession as cs

_PROBE = """
import json, sys, time
began = time.perf_counter()
import clicksession
seconds = time.perf_counter() - began
heavy = [name for name in ("pandas", "sqlalchemy", "fsspec", "numpy", "pyarrow", "duckdb", "tqdm")
         if name in sys.modules]
print(json.dumps({"seconds": seconds, "heavy": heavy}))
"""


def probe() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE], capture_output=True, text=True, check=True
    )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_import_is_light_and_fast() -> None:
    runs = [probe() for _ in range(3)]
    assert all(run["heavy"] == [] for run in runs)
    assert min(run["seconds"] for run in runs) < 0.1  # type: ignore[type-var]


@pytest.mark.parametrize("name", cs.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(cs, name) is not None
    assert name in dir(cs)


def test_everything_that_loads_lazily_is_public() -> None:
    assert {*cs._MODULES, *cs._NAMES, "__version__"} == set(cs.__all__)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="clicksession has no 'sessionise'"):
        cs.sessionise  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    assert cs.__version__ == version("clicksession")
