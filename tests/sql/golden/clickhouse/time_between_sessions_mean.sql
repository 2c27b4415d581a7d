WITH with_previous_session AS (
    SELECT
        sessions.started_at,
        lag(toNullable(sessions.ended_at)) OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS previous_ended_at
    FROM sessions
),
pauses AS (
    SELECT
        toFloat64(
            dateDiff(
                'microsecond',
                with_previous_session.previous_ended_at,
                with_previous_session.started_at
            )
        ) / 60000000 AS minutes
    FROM with_previous_session
)
SELECT avg(toFloat64(pauses.minutes)) AS mean_minutes_between_sessions
FROM pauses
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
