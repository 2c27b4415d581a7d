"""What engines need that not every machine has."""

import shutil

import pytest

_PACKAGES = {"polars": "polars", "polars_lazy": "polars", "ibis": "ibis", "spark": "pyspark"}


def require(engine: str) -> None:
    """Skip the test, and say how to get what is missing, where an engine cannot run."""
    if engine in _PACKAGES:
        reason = f'needs {_PACKAGES[engine]}: pip install "clicksession[test]"'
        pytest.importorskip(_PACKAGES[engine], reason=reason)
    if engine == "spark" and shutil.which("java") is None:
        pytest.skip("needs Java 17 or later: apt-get install openjdk-17-jre-headless")
