WITH durations AS (
    SELECT
        CAST(
            CAST(
                EXTRACT(EPOCH FROM sessions.ended_at - sessions.started_at) * 1000000 AS BIGINT
            ) AS DOUBLE PRECISION
        ) / 60000000 AS minutes
    FROM sessions
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY durations.minutes)
        AS median_session_duration_minutes
FROM durations
