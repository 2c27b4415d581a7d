WITH sizes AS (
    SELECT
        sessions.event_count,
        CAST(
            CAST(
                EXTRACT(EPOCH FROM sessions.ended_at - sessions.started_at) * 1000000 AS BIGINT
            ) AS DOUBLE PRECISION
        ) / 60000000 AS minutes
    FROM sessions
)
SELECT
    sizes.event_count,
    count(sizes.minutes) AS sessions,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY sizes.minutes) AS median_minutes,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY sizes.minutes) AS p90_minutes,
    avg(CAST(sizes.minutes AS DOUBLE PRECISION)) AS mean_minutes
FROM sizes
GROUP BY sizes.event_count
ORDER BY sizes.event_count NULLS LAST
