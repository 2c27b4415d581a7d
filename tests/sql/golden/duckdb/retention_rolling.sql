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
        CAST(date_trunc('day', numbered_sessions.started_at) AS DATE) AS cohort,
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
                (epoch_us(numbered_sessions.started_at) - epoch_us(first_sessions.first_at)) - mod(
                    (epoch_us(numbered_sessions.started_at) - epoch_us(first_sessions.first_at)),
                    86400000000
                ) AS DOUBLE
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
    CAST(counted.returned AS DOUBLE)
        / nullif(max(counted.returned) OVER (PARTITION BY counted.cohort), 0) AS share
FROM counted
ORDER BY counted.cohort NULLS LAST, counted.period
