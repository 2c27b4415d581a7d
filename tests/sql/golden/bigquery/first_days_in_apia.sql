WITH first_days AS (
    SELECT
        sessions.session_id,
        DATE(sessions.started_at, 'Pacific/Apia') AS day,
        DATE_TRUNC(DATE(sessions.started_at, 'Pacific/Apia'), WEEK(MONDAY)) AS week,
        DATE_TRUNC(DATE(sessions.started_at, 'Pacific/Apia'), MONTH) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    DATE_DIFF(max(first_days.day) OVER (), first_days.day, DAY) AS days_before_last,
    DATE_DIFF(max(first_days.week) OVER (), first_days.week, WEEK(MONDAY)) AS weeks_before_last,
    DATE_DIFF(max(first_days.month) OVER (), first_days.month, MONTH) AS months_before_last
FROM first_days
