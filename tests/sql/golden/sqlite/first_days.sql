WITH first_days AS (
    SELECT
        sessions.session_id,
        date(substr(sessions.started_at, 1, 19)) AS day,
        date(substr(sessions.started_at, 1, 19), '-6 days', 'weekday 1') AS week,
        date(substr(sessions.started_at, 1, 19), 'start of month') AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    CAST(julianday(max(first_days.day) OVER ()) - julianday(first_days.day) AS INTEGER)
        AS days_before_last,
    (CAST(julianday(max(first_days.week) OVER ()) - julianday(first_days.week) AS INTEGER) / 7)
        AS weeks_before_last,
    (
        (
            CAST(substr(max(first_days.month) OVER (), 1, 4) AS INTEGER) * 12
                + CAST(substr(max(first_days.month) OVER (), 6, 2) AS INTEGER)
        )
            - (
                CAST(substr(first_days.month, 1, 4) AS INTEGER) * 12
                    + CAST(substr(first_days.month, 6, 2) AS INTEGER)
            )
    ) AS months_before_last
FROM first_days
