"""Sessions every ten minutes, by Airflow 3.

Where the log and the target are is told by the environment of the workers. Files that the target
holds are not read again, and each run is a transaction: a retry doubles nothing, and whatever a
failed run left out comes with the next one.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task


@dag(
    schedule="*/10 * * * *",
    start_date=datetime(2024, 5, 1, tzinfo=UTC),
    catchup=False,  # one run takes all that is new: past ones have nothing to add
    max_active_runs=1,
)
def shop_sessions() -> None:
    """Load what is new, then say what an order takes."""

    @task(retries=3, retry_delay=timedelta(minutes=1))
    def load() -> int:
        # Within the task, so that the scheduler does not import it each time it parses the file.
        import clicksession as cs

        schema = cs.EventSchema.preset("webshop")
        report = cs.run(os.environ["SHOP_LOG"], os.environ["SHOP_TARGET"], schema=schema)
        print(report)
        return report.events_added

    @task
    def visits_before_order(added: int) -> float | None:
        import clicksession as cs

        print(f"{added} events are new")
        value: float | None = cs.metrics.VisitsBeforeOrder().compute(os.environ["SHOP_TARGET"])
        return value

    visits_before_order(load())


shop_sessions()
