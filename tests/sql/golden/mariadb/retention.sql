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
        DATE_ADD(
            DATE('1900-01-01'),
            INTERVAL FLOOR(DATEDIFF(numbered_sessions.started_at, '1900-01-01') / 7) * 7 DAY
        ) AS cohort
    FROM numbered_sessions
    WHERE numbered_sessions.number = 1
),
periods_of_users AS (
    SELECT DISTINCT
        numbered_sessions.user_id,
        DATE_ADD(
            DATE('1900-01-01'),
            INTERVAL FLOOR(DATEDIFF(numbered_sessions.started_at, '1900-01-01') / 7) * 7 DAY
        ) AS start
    FROM numbered_sessions
),
users_in_periods AS (
    SELECT
        first_sessions.cohort,
        TIMESTAMPDIFF(WEEK, first_sessions.cohort, periods_of_users.start) AS `period`
    FROM first_sessions
    INNER JOIN periods_of_users ON periods_of_users.user_id = first_sessions.user_id
),
counted AS (
    SELECT
        users_in_periods.cohort,
        users_in_periods.`period`,
        count(*) AS returned
    FROM users_in_periods
    GROUP BY users_in_periods.cohort, users_in_periods.`period`
)
SELECT
    counted.cohort,
    counted.`period`,
    max(counted.returned) OVER (PARTITION BY counted.cohort) AS users,
    counted.returned,
    CAST(counted.returned AS DOUBLE)
        / nullif(max(counted.returned) OVER (PARTITION BY counted.cohort), 0) AS share
FROM counted
ORDER BY counted.cohort IS NULL, counted.cohort, counted.`period`
