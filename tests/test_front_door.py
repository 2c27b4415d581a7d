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
heavy = [name for name in ("pandas", "sqlalchemy", "fsspec", "numpy", "pyarrow", "duckdb", "tqdm",
                           "polars", "ibis", "pyspark", "jinja2") if name in sys.modules]
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


def test_no_library_of_frames_is_loaded_but_that_of_the_frame() -> None:
    """Whoever gives a frame has imported its library; nobody pays for another."""
    code = (
        "import sys, pandas as pd, clicksession as cs;"
        "frame = pd.DataFrame({'user_id': ['ann'], 'timestamp': pd.to_datetime(['2024-05-01'])});"
        "cs.summarize(cs.sessionize(frame));"
        "print([name for name in ('polars', 'ibis', 'pyspark', 'duckdb', 'sqlalchemy')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
