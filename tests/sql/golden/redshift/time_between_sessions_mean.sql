WITH with_previous_sessions AS (
    SELECT
        sessions.started_at,
        max(sessions.ended_at) OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS previous_ended_at
    FROM sessions
),
pauses AS (
    SELECT
        CAST(
            CASE
                WHEN with_previous_sessions.started_at >= with_previous_sessions.previous_ended_at
                    THEN DATEDIFF(
                        microsecond,
                        with_previous_sessions.previous_ended_at,
                        with_previous_sessions.started_at
                    )
            END AS DOUBLE PRECISION
        ) / 60000000 AS minutes
    FROM with_previous_sessions
)
SELECT avg(CAST(pauses.minutes AS DOUBLE PRECISION)) AS mean_minutes_between_sessions
FROM pauses
