WITH ordered_events AS (
    SELECT
        sessions.user_id AS whose,
        events.event_type,
        events.timestamp,
        CASE WHEN events.event_type = 'pay' AND events.browser = 'Safari' THEN 1 ELSE 0 END
            AS is_step_2,
        row_number() OVER (
            PARTITION BY sessions.user_id
            ORDER BY
                events.timestamp,
                CASE WHEN events.event_id IS NULL THEN 1 ELSE 0 END,
                events.event_id
        ) AS position
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
    WHERE events.event_type IN ('sign_up', 'log_in')
        OR events.event_type = 'pay' AND events.browser = 'Safari'
),
starts AS (
    SELECT
        ordered_events.whose,
        ordered_events.timestamp,
        ordered_events.position,
        max(ordered_events.position) OVER (PARTITION BY ordered_events.whose) AS chosen
    FROM ordered_events
    WHERE ordered_events.event_type IN ('sign_up', 'log_in')
),
step_1 AS (
    SELECT
        starts.whose,
        starts.timestamp AS began_at,
        starts.position AS began,
        starts.position
    FROM starts
    WHERE starts.position = starts.chosen
),
step_2 AS (
    SELECT
        step_1.whose,
        step_1.began_at,
        step_1.began,
        min(ordered_events.position) AS position
    FROM step_1
    JOIN ordered_events
        ON ordered_events.whose = step_1.whose
        AND ordered_events.position = step_1.position + 1
        AND ordered_events.is_step_2 = 1
        AND DATEDIFF_BIG(MICROSECOND, step_1.began_at, ordered_events.timestamp) <= 3600000000
    GROUP BY step_1.whose, step_1.began_at, step_1.began
),
reached_steps AS (
    SELECT
        step_1.whose,
        1 AS step
    FROM step_1
    UNION ALL
    SELECT
        step_2.whose,
        2 AS step
    FROM step_2
),
ways AS (
    SELECT
        reached_steps.whose,
        max(reached_steps.step) AS deepest
    FROM reached_steps
    GROUP BY reached_steps.whose
),
counts AS (
    SELECT
        1 AS step,
        'sign_up or log_in' AS event_type,
        count(CASE WHEN ways.deepest >= 1 THEN 1 END) AS reached
    FROM ways
    UNION ALL
    SELECT
        2 AS step,
        'event_type = ''pay'' AND browser = ''Safari''' AS event_type,
        count(CASE WHEN ways.deepest >= 2 THEN 1 END) AS reached
    FROM ways
)
SELECT
    counts.step,
    counts.event_type,
    counts.reached,
    CAST(counts.reached AS DOUBLE PRECISION) / nullif(max(counts.reached) OVER (), 0)
        AS share_of_first,
    CAST(counts.reached AS DOUBLE PRECISION)
        / nullif(lag(counts.reached) OVER (ORDER BY counts.step), 0) AS share_of_previous
FROM counts
ORDER BY counts.step
