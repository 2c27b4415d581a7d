"""dbt in a process of its own: it reads one list of arguments a line, and answers each with one.

It runs in an environment that has dbt and not this library, and says nothing to anybody else.
"""

import json
import os
import sys
from typing import Any

_WITH = ("--profiles-dir", ".", "--quiet", "--no-use-colors")


def answers(lines: Any, reply: Any) -> None:
    """Answer each line: arguments of dbt, or a statement of Spark and whether to give its rows."""
    from dbt.cli.main import dbtRunner

    runner = dbtRunner()
    for line in lines:
        asked = json.loads(line)
        os.environ.update(asked.get("environment", {}))
        if "sql" in asked:
            reply(_rows(asked["sql"]))
        else:
            reply(_done(runner.invoke([*asked["dbt"], *_WITH])))


def _done(done: Any) -> dict[str, Any]:
    """Return whether all went well, and what did not."""
    results = getattr(done.result, "results", None) or []
    wrong = {
        each.node.name: f"{each.message}"
        for each in results
        if f"{each.status}" in ("error", "fail", "runtime error")
    }
    return {
        "success": done.success,
        "exception": done.exception and f"{done.exception}",
        "wrong": wrong,
        "ran": [each.node.name for each in results],
    }


def _rows(statement: str) -> dict[str, Any]:
    from pyspark.sql import SparkSession

    found = SparkSession.builder.getOrCreate().sql(statement)
    return {"rows": [list(row) for row in found.collect()]}


if __name__ == "__main__":
    # What dbt, Java and libraries print goes where errors go: this line is for answers alone.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def _reply(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=channel, flush=True)

    answers(sys.stdin, _reply)
