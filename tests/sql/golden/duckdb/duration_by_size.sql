WITH sizes AS (
    SELECT
        sessions.event_count,
        CAST((epoch_us(sessions.ended_at) - epoch_us(sessions.started_at)) AS DOUBLE) / 60000000
            AS minutes
    FROM sessions
)
SELECT
    sizes.event_count,
    count(sizes.minutes) AS sessions,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY sizes.minutes) AS median_minutes,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY sizes.minutes) AS p90_minutes,
    avg(CAST(sizes.minutes AS DOUBLE)) AS mean_minutes
FROM sizes
GROUP BY sizes.event_count
ORDER BY sizes.event_count NULLS LAST
