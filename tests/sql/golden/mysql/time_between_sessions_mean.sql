WITH with_previous_session AS (
    SELECT
        sessions.started_at,
        lag(sessions.ended_at) OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS previous_ended_at
    FROM sessions
),
pauses AS (
    SELECT
        CAST(
            TIMESTAMPDIFF(
                MICROSECOND,
                with_previous_session.previous_ended_at,
                with_previous_session.started_at
            ) AS DOUBLE
        ) / 60000000 AS minutes
    FROM with_previous_session
)
SELECT avg(CAST(pauses.minutes AS DOUBLE)) AS mean_minutes_between_sessions
FROM pauses
