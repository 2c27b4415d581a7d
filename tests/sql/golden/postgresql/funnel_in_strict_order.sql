WITH ordered_events AS (
    SELECT
        sessions.session_id AS whose,
        events.event_type,
        events.timestamp,
        row_number() OVER (
            PARTITION BY sessions.session_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS position
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
),
step_1 AS (
    SELECT
        ordered_events.whose,
        ordered_events.timestamp AS began_at,
        ordered_events.position AS began,
        ordered_events.position
    FROM ordered_events
    WHERE ordered_events.event_type = 'search'
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
        AND ordered_events.event_type = 'page_view'
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
        'search' AS event_type,
        count(CASE WHEN ways.deepest >= 1 THEN 1 END) AS reached
    FROM ways
    UNION ALL
    SELECT
        2 AS step,
        'page_view' AS event_type,
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
