WITH placed_sessions AS (
    SELECT
        sessions.user_id,
        date(substr(sessions.started_at, 1, 19)) AS start,
        sessions.started_at
    FROM sessions
),
known_sessions AS (
    SELECT
        placed_sessions.user_id,
        placed_sessions.start,
        placed_sessions.started_at,
        min(placed_sessions.start) OVER (PARTITION BY placed_sessions.user_id) AS first_start
    FROM placed_sessions
),
counted AS (
    SELECT
        known_sessions.start,
        count(
            DISTINCT CASE
                WHEN known_sessions.start = known_sessions.first_start THEN known_sessions.user_id
            END
        ) AS new_users,
        count(
            DISTINCT CASE
                WHEN known_sessions.start != known_sessions.first_start THEN known_sessions.user_id
            END
        ) AS returning_users
    FROM known_sessions
    WHERE known_sessions.started_at >= '2024-04-29 00:00:00.000000'
        AND known_sessions.started_at < '2024-05-06 00:00:00.000000'
    GROUP BY known_sessions.start
)
SELECT
    counted.start AS period,
    counted.new_users,
    counted.returning_users
FROM counted
ORDER BY counted.start NULLS LAST
