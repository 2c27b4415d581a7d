WITH order_events AS (
    SELECT
        events.user_id,
        events.session_id
    FROM events
    WHERE events.event_type IN ('placed_order') AND events.session_id IS NOT NULL
),
counted_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        dateDiff('microsecond', sessions.started_at, sessions.ended_at) AS microseconds
    FROM sessions
    WHERE sessions.user_id IN (SELECT order_events.user_id FROM order_events)
),
numbered_sessions AS (
    SELECT
        counted_sessions.session_id,
        counted_sessions.user_id,
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
        numbered_sessions.microseconds_so_far - numbered_sessions.microseconds
            AS microseconds_before,
        numbered_sessions.microseconds_so_far
    FROM numbered_sessions
    WHERE numbered_sessions.session_id IN (SELECT order_events.session_id FROM order_events)
),
ordered AS (
    SELECT
        placed_orders.user_id,
        placed_orders.number,
        placed_orders.microseconds_before AS microseconds_up_to,
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
