"""Sessions every ten minutes, by Prefect 3: ``python prefect_flow.py``.

Files that the target holds are not read again, and each run is a transaction: a retry doubles
nothing.
"""

import os

from prefect import flow, task

import clicksession as cs


@task(retries=3, retry_delay_seconds=60)
def load() -> int:
    """Load what is new, and return how many events that were."""
    # From the environment, and no parameter, which Prefect would keep: a URL may hold a password.
    schema = cs.EventSchema.preset("webshop")
    report = cs.run(os.environ["SHOP_LOG"], os.environ["SHOP_TARGET"], schema=schema)
    print(report)
    return report.events_added


@task
def visits_before_order() -> float | None:
    """Return how many visits come before an order."""
    value: float | None = cs.metrics.VisitsBeforeOrder().compute(os.environ["SHOP_TARGET"])
    return value


@flow(log_prints=True)
def shop_sessions() -> float | None:
    """Load what is new, then say what an order takes."""
    print(load(), "events are new")
    value: float | None = visits_before_order()
    return value


if __name__ == "__main__":
    shop_sessions.serve(name="every ten minutes", cron="*/10 * * * *", limit=1)
