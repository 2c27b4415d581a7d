WITH sizes AS (
    SELECT
        sessions.event_count,
        CAST(DATEDIFF(microsecond, sessions.started_at, sessions.ended_at) AS DOUBLE PRECISION)
            / 60000000 AS minutes
    FROM sessions
)
SELECT
    sizes.event_count,
    count(sizes.minutes) AS sessions,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(sizes.minutes AS DOUBLE PRECISION))
        AS median_minutes,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY CAST(sizes.minutes AS DOUBLE PRECISION))
        AS p90_minutes,
    avg(CAST(sizes.minutes AS DOUBLE PRECISION)) AS mean_minutes
FROM sizes
GROUP BY sizes.event_count
ORDER BY sizes.event_count NULLS LAST
