WITH numbered_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        sessions.start_reason,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY sessions.started_at, sessions.session_id
        ) AS number
    FROM sessions
),
first_sessions AS (
    SELECT
        numbered_sessions.user_id,
        date(substr(numbered_sessions.started_at, 1, 19)) AS cohort,
        numbered_sessions.started_at AS first_at
    FROM numbered_sessions
    WHERE numbered_sessions.number = 1
),
users_in_periods AS (
    SELECT DISTINCT
        first_sessions.user_id,
        first_sessions.cohort,
        CAST(
            CAST(
                (
                    (
                        CAST(
                            strftime('%s', substr(numbered_sessions.started_at, 1, 19)) AS INTEGER
                        ) * 1000000
                            + CAST(
                                substr(substr(numbered_sessions.started_at, 21) || '000000', 1, 6)
                                    AS INTEGER
                            )
                    )
                        - (
                            CAST(
                                strftime('%s', substr(first_sessions.first_at, 1, 19)) AS INTEGER
                            ) * 1000000
                                + CAST(
                                    substr(substr(first_sessions.first_at, 21) || '000000', 1, 6)
                                        AS INTEGER
                                )
                        )
                )
                    - (
                        (
                            (
                                (
                                    CAST(
                                        strftime('%s', substr(numbered_sessions.started_at, 1, 19))
                                            AS INTEGER
                                    ) * 1000000
                                        + CAST(
                                            substr(
                                                substr(numbered_sessions.started_at, 21) || '000000',
                                                1,
                                                6
                                            ) AS INTEGER
                                        )
                                )
                                    - (
                                        CAST(
                                            strftime('%s', substr(first_sessions.first_at, 1, 19))
                                                AS INTEGER
                                        ) * 1000000
                                            + CAST(
                                                substr(
                                                    substr(first_sessions.first_at, 21) || '000000',
                                                    1,
                                                    6
                                                ) AS INTEGER
                                            )
                                    )
                            )
                        ) % 86400000000
                    ) AS REAL
            ) / 86400000000 AS BIGINT
        ) AS period
    FROM first_sessions
    JOIN numbered_sessions
        ON numbered_sessions.user_id = first_sessions.user_id
        AND numbered_sessions.started_at >= first_sessions.first_at
),
counted AS (
    SELECT
        users_in_periods.cohort,
        users_in_periods.period,
        count(*) AS returned
    FROM users_in_periods
    GROUP BY users_in_periods.cohort, users_in_periods.period
)
SELECT
    counted.cohort,
    counted.period,
    max(counted.returned) OVER (PARTITION BY counted.cohort) AS users,
    counted.returned,
    CAST(counted.returned AS REAL)
        / nullif(max(counted.returned) OVER (PARTITION BY counted.cohort), 0) AS share
FROM counted
ORDER BY counted.cohort NULLS LAST, counted.period
