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
                        (
                            CAST(
                                strftime('%s', substr(with_previous_sessions.started_at, 1, 19))
                                    AS INTEGER
                            ) * 1000000
                                + CAST(
                                    substr(
                                        substr(with_previous_sessions.started_at, 21) || '000000',
                                        1,
                                        6
                                    ) AS INTEGER
                                )
                        )
                            - (
                                CAST(
                                    strftime(
                                        '%s',
                                        substr(with_previous_sessions.previous_ended_at, 1, 19)
                                    ) AS INTEGER
                                ) * 1000000
                                    + CAST(
                                        substr(
                                            substr(with_previous_sessions.previous_ended_at, 21) || '000000',
                                            1,
                                            6
                                        ) AS INTEGER
                                    )
                            )
                    )
            END AS REAL
        ) / 60000000 AS minutes
    FROM with_previous_sessions
)
SELECT avg(CAST(pauses.minutes AS REAL)) AS mean_minutes_between_sessions
FROM pauses
