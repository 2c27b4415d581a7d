WITH sizes AS (
    SELECT
        sessions.event_count,
        toFloat64(dateDiff('microsecond', sessions.started_at, sessions.ended_at)) / 60000000
            AS minutes
    FROM sessions
)
SELECT
    sizes.event_count,
    count(sizes.minutes) AS sessions,
    quantileExactInclusive(0.5)(sizes.minutes) AS median_minutes,
    quantileExactInclusive(0.9)(sizes.minutes) AS p90_minutes,
    avg(toFloat64(sizes.minutes)) AS mean_minutes
FROM sizes
GROUP BY sizes.event_count
ORDER BY sizes.event_count NULLS LAST
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
