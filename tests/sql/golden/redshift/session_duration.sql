WITH durations AS (
    SELECT
        CAST(DATEDIFF(microsecond, sessions.started_at, sessions.ended_at) AS DOUBLE PRECISION)
            / 60000000 AS minutes
    FROM sessions
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(durations.minutes AS DOUBLE PRECISION))
        AS median_session_duration_minutes
FROM durations
