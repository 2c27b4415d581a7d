WITH durations AS (
    SELECT
        toFloat64(dateDiff('microsecond', sessions.started_at, sessions.ended_at)) / 60000000
            AS minutes
    FROM sessions
)
SELECT quantileExactInclusive(0.5)(durations.minutes) AS median_session_duration_minutes
FROM durations
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
