"""Tables of Iceberg, by its runtime for Spark 3.5, in an environment of their own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.environments import environment_of

ROOT = Path(__file__).parents[3]


def test_histories_on_iceberg(tmp_path: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("needs Java 17: apt-get install openjdk-17-jre-headless")
    python = environment_of("snowpark-connect-deps-iceberg") / "python"
    command = [str(python), "-m", "tests.warehouse.spark.iceberg", str(tmp_path), "1", "2"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "2 histories are exact" in done.stdout, done.stderr[-3000:]
