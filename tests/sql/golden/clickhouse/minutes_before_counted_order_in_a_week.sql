WITH buyers AS (
    SELECT sessions.user_id
    FROM sessions
    WHERE sessions.placed_order_count > 0
),
counted_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        dateDiff('microsecond', sessions.started_at, sessions.ended_at) AS microseconds,
        CASE WHEN sessions.placed_order_count > 0 THEN 1 ELSE 0 END AS has_order
    FROM sessions
    WHERE sessions.user_id IN (SELECT buyers.user_id FROM buyers)
),
numbered_sessions AS (
    SELECT
        counted_sessions.session_id,
        counted_sessions.user_id,
        counted_sessions.has_order,
        counted_sessions.started_at,
        toInt64(
            count(*) OVER (
                PARTITION BY counted_sessions.user_id
                ORDER BY counted_sessions.started_at, counted_sessions.session_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        ) AS number,
        counted_sessions.microseconds,
        sum(counted_sessions.microseconds) OVER (
            PARTITION BY counted_sessions.user_id
            ORDER BY counted_sessions.started_at, counted_sessions.session_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS microseconds_so_far
    FROM counted_sessions
),
placed_orders AS (
    SELECT
        numbered_sessions.user_id,
        numbered_sessions.number,
        numbered_sessions.started_at,
        numbered_sessions.microseconds_so_far - numbered_sessions.microseconds
            AS microseconds_before,
        numbered_sessions.microseconds_so_far
    FROM numbered_sessions
    WHERE numbered_sessions.has_order = 1
),
ordered AS (
    SELECT
        placed_orders.user_id,
        placed_orders.number,
        placed_orders.microseconds_before AS microseconds_up_to,
        placed_orders.started_at,
        lag(toNullable(placed_orders.microseconds_so_far)) OVER (
            PARTITION BY placed_orders.user_id
            ORDER BY placed_orders.number
        ) AS previous_microseconds_so_far
    FROM placed_orders
),
observed AS (
    SELECT
        ordered.user_id,
        ordered.number,
        ordered.microseconds_up_to - coalesce(ordered.previous_microseconds_so_far, 0)
            AS microseconds
    FROM ordered
    WHERE ordered.started_at >= toDateTime64('2024-04-29 00:00:00.000000', 6, 'UTC')
        AND ordered.started_at < toDateTime64('2024-05-06 00:00:00.000000', 6, 'UTC')
),
observations AS (
    SELECT toFloat64(observed.microseconds) / 60000000 AS value
    FROM observed
)
SELECT
    quantileExactInclusive(0.5)(observations.value)
        AS median_session_duration_minutes_before_order
FROM observations
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1
