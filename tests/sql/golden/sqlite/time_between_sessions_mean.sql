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
            (
                (
                    CAST(
                        strftime('%s', substr(with_previous_session.started_at, 1, 19)) AS INTEGER
                    ) * 1000000
                        + CAST(
                            substr(substr(with_previous_session.started_at, 21) || '000000', 1, 6)
                                AS INTEGER
                        )
                )
                    - (
                        CAST(
                            strftime('%s', substr(with_previous_session.previous_ended_at, 1, 19))
                                AS INTEGER
                        ) * 1000000
                            + CAST(
                                substr(
                                    substr(with_previous_session.previous_ended_at, 21) || '000000',
                                    1,
                                    6
                                ) AS INTEGER
                            )
                    )
            ) AS REAL
        ) / 60000000 AS minutes
    FROM with_previous_session
)
SELECT avg(CAST(pauses.minutes AS REAL)) AS mean_minutes_between_sessions
FROM pauses
