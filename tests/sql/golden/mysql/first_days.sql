WITH first_days AS (
    SELECT
        sessions.session_id,
        DATE(sessions.started_at) AS day,
        DATE_SUB(DATE(sessions.started_at), INTERVAL WEEKDAY(sessions.started_at) DAY) AS week,
        DATE_SUB(DATE(sessions.started_at), INTERVAL DAYOFMONTH(sessions.started_at) - 1 DAY)
            AS month
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
