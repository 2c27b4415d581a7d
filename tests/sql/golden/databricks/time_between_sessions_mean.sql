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
                    THEN (
                        unix_micros(with_previous_sessions.started_at)
                            - unix_micros(with_previous_sessions.previous_ended_at)
                    )
            END AS DOUBLE
        ) / 60000000 AS minutes
    FROM with_previous_sessions
)
SELECT avg(CAST(pauses.minutes AS DOUBLE)) AS mean_minutes_between_sessions
FROM pauses
