WITH first_days AS (
    SELECT
        sessions.session_id,
        DATE(sessions.started_at) AS day,
        DATE_ADD(
            DATE('1900-01-01'),
            INTERVAL FLOOR(DATEDIFF(sessions.started_at, '1900-01-01') / 7) * 7 DAY
        ) AS week,
        DATE_ADD(LAST_DAY(DATE_SUB(sessions.started_at, INTERVAL 1 MONTH)), INTERVAL 1 DAY) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    TIMESTAMPDIFF(DAY, first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    TIMESTAMPDIFF(WEEK, first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    TIMESTAMPDIFF(MONTH, first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
