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
            CAST(
                (
                    CAST(to_unixtime(with_previous_session.started_at) AS DECIMAL(20, 6)) - CAST(
                        to_unixtime(with_previous_session.previous_ended_at) AS DECIMAL(20, 6)
                    )
                ) * 1000000 AS BIGINT
            ) AS DOUBLE
        ) / 60000000 AS minutes
    FROM with_previous_session
)
SELECT avg(CAST(pauses.minutes AS DOUBLE)) AS mean_minutes_between_sessions
FROM pauses
