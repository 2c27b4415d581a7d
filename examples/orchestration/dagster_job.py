"""Sessions as an asset of Dagster: ``dagster dev -f dagster_job.py``.

Files that the target holds are not read again, and each run is a transaction: materializing the
asset twice doubles nothing.
"""

import os

import dagster as dg

import clicksession as cs


@dg.asset(retry_policy=dg.RetryPolicy(max_retries=3, delay=60))
def sessions(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Load the events of the shop, and the sessions that they make."""
    schema = cs.EventSchema.preset("webshop")
    report = cs.run(os.environ["SHOP_LOG"], os.environ["SHOP_TARGET"], schema=schema)
    context.log.info(str(report))
    return dg.MaterializeResult(
        metadata={
            "events added": report.events_added,
            "duplicates": report.duplicates,
            "refused": report.refused,
            "sessions added": report.sessions_added,
            "sessions changed": report.sessions_changed,
        }
    )


@dg.asset_check(asset=sessions)
def most_events_have_a_user() -> dg.AssetCheckResult:
    """Whether four of five events or more are in a session: others have no user, or no time."""
    events = cs.load_events(os.environ["SHOP_TARGET"], columns=("session_id",))
    share = float(events["session_id"].notna().mean())
    return dg.AssetCheckResult(passed=share >= 0.8, metadata={"share in a session": share})


every_ten_minutes = dg.ScheduleDefinition(
    name="every_ten_minutes", target=dg.AssetSelection.all(), cron_schedule="*/10 * * * *"
)
defs = dg.Definitions(
    assets=[sessions], asset_checks=[most_events_have_a_user], schedules=[every_ten_minutes]
)
