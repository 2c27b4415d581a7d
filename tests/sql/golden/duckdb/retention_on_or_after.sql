WITH first_moments AS (
    SELECT
        sessions.user_id,
        events.timestamp,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS number
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
    WHERE events.event_type IN ('sign_up')
),
first_events_of_users AS (
    SELECT
        first_moments.user_id,
        CAST(date_trunc('day', first_moments.timestamp) AS DATE) AS cohort
    FROM first_moments
    WHERE first_moments.number = 1
),
returns AS (
    SELECT
        sessions.user_id,
        events.timestamp
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
    WHERE events.event_type IN ('play')
),
periods_of_users AS (
    SELECT DISTINCT
        returns.user_id,
        CAST(date_trunc('day', returns.timestamp) AS DATE) AS start
    FROM returns
),
returns_of_users AS (
    SELECT
        first_events_of_users.user_id,
        first_events_of_users.cohort,
        date_diff('day', first_events_of_users.cohort, periods_of_users.start) AS period
    FROM first_events_of_users
    JOIN periods_of_users
        ON periods_of_users.user_id = first_events_of_users.user_id
        AND periods_of_users.start >= first_events_of_users.cohort
    UNION ALL
    SELECT
        first_events_of_users.user_id,
        first_events_of_users.cohort,
        0 AS period
    FROM first_events_of_users
),
users_in_periods AS (
    SELECT DISTINCT
        returns_of_users.user_id,
        returns_of_users.cohort,
        returns_of_users.period
    FROM returns_of_users
),
last_returns AS (
    SELECT
        users_in_periods.user_id,
        users_in_periods.cohort,
        max(users_in_periods.period) AS last_period
    FROM users_in_periods
    GROUP BY users_in_periods.user_id, users_in_periods.cohort
),
users_by_last AS (
    SELECT
        last_returns.cohort,
        last_returns.last_period,
        count(*) AS users
    FROM last_returns
    GROUP BY last_returns.cohort, last_returns.last_period
),
farthest AS (
    SELECT max(users_by_last.last_period) AS last_period
    FROM users_by_last
),
digits AS (
    SELECT 0 AS digit
    UNION ALL
    SELECT 1 AS digit
    UNION ALL
    SELECT 2 AS digit
    UNION ALL
    SELECT 3 AS digit
    UNION ALL
    SELECT 4 AS digit
    UNION ALL
    SELECT 5 AS digit
    UNION ALL
    SELECT 6 AS digit
    UNION ALL
    SELECT 7 AS digit
    UNION ALL
    SELECT 8 AS digit
    UNION ALL
    SELECT 9 AS digit
),
numbers AS (
    SELECT
        1 * digits_1.digit
            + 10 * digits_10.digit
            + 100 * digits_100.digit
            + 1000 * digits_1000.digit
            + 10000 * digits_10000.digit AS period,
        farthest.last_period
    FROM farthest
    JOIN digits AS digits_1 ON 1 * digits_1.digit <= farthest.last_period
    JOIN digits AS digits_10 ON 10 * digits_10.digit <= farthest.last_period
    JOIN digits AS digits_100 ON 100 * digits_100.digit <= farthest.last_period
    JOIN digits AS digits_1000 ON 1000 * digits_1000.digit <= farthest.last_period
    JOIN digits AS digits_10000 ON 10000 * digits_10000.digit <= farthest.last_period
),
periods AS (
    SELECT numbers.period
    FROM numbers
    WHERE numbers.period <= numbers.last_period
),
counted AS (
    SELECT
        users_by_last.cohort,
        periods.period,
        CAST(sum(users_by_last.users) AS BIGINT) AS returned
    FROM users_by_last
    JOIN periods ON periods.period <= users_by_last.last_period
    GROUP BY users_by_last.cohort, periods.period
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
