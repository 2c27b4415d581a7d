WITH kept_sessions AS (
    SELECT
        sessions.session_id,
        sessions.user_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.event_count,
        CAST(
            trunc(
                CAST(
                    convert_timezone(
                        'UTC',
                        'UTC',
                        timestampadd(MICROSECOND, unix_micros(sessions.started_at), TIMESTAMP_NTZ '1970-01-01')
                    ) AS DATE
                ),
                'week'
            ) AS DATE
        ) AS key_1
    FROM sessions
),
ordered_events AS (
    SELECT
        kept_sessions.key_1,
        kept_sessions.session_id AS whose,
        events.event_type,
        events.timestamp,
        row_number() OVER (
            PARTITION BY kept_sessions.session_id
            ORDER BY events.timestamp, events.event_id NULLS LAST
        ) AS position
    FROM events
    JOIN kept_sessions ON kept_sessions.session_id = events.session_id
),
step_1 AS (
    SELECT
        ordered_events.key_1,
        ordered_events.whose,
        ordered_events.timestamp AS began_at,
        ordered_events.position AS began,
        ordered_events.position
    FROM ordered_events
    WHERE ordered_events.event_type = 'sign_up'
),
step_2 AS (
    SELECT
        step_1.key_1,
        step_1.whose,
        step_1.began_at,
        step_1.began,
        min(ordered_events.position) AS position
    FROM step_1
    JOIN ordered_events
        ON ordered_events.whose = step_1.whose
        AND ordered_events.position > step_1.position
        AND ordered_events.event_type = 'play'
    GROUP BY step_1.key_1, step_1.whose, step_1.began_at, step_1.began
),
step_3 AS (
    SELECT
        step_2.key_1,
        step_2.whose,
        step_2.began_at,
        step_2.began,
        min(ordered_events.position) AS position
    FROM step_2
    JOIN ordered_events
        ON ordered_events.whose = step_2.whose
        AND ordered_events.position > step_2.position
        AND ordered_events.event_type = 'buy'
    GROUP BY step_2.key_1, step_2.whose, step_2.began_at, step_2.began
),
reached_steps AS (
    SELECT
        step_1.key_1,
        step_1.whose,
        step_1.began,
        step_1.position,
        1 AS step
    FROM step_1
    UNION ALL
    SELECT
        step_2.key_1,
        step_2.whose,
        step_2.began,
        step_2.position,
        2 AS step
    FROM step_2
    UNION ALL
    SELECT
        step_3.key_1,
        step_3.whose,
        step_3.began,
        step_3.position,
        3 AS step
    FROM step_3
),
ways AS (
    SELECT
        reached_steps.key_1,
        reached_steps.whose,
        reached_steps.began,
        max(reached_steps.step) AS deepest
    FROM reached_steps
    GROUP BY reached_steps.key_1, reached_steps.whose, reached_steps.began
),
ranked_ways AS (
    SELECT
        ways.whose,
        ways.began,
        row_number() OVER (
            PARTITION BY ways.key_1, ways.whose
            ORDER BY ways.deepest DESC, ways.began
        ) AS place
    FROM ways
),
timed_steps AS (
    SELECT
        reached_steps.key_1,
        reached_steps.step,
        ordered_events.timestamp,
        lag(ordered_events.timestamp) OVER (
            PARTITION BY reached_steps.whose, reached_steps.began
            ORDER BY reached_steps.step
        ) AS since_at
    FROM reached_steps
    JOIN ranked_ways
        ON ranked_ways.whose = reached_steps.whose
        AND ranked_ways.began = reached_steps.began
        AND ranked_ways.place = 1
    JOIN ordered_events
        ON ordered_events.whose = reached_steps.whose
        AND ordered_events.position = reached_steps.position
),
spans AS (
    SELECT
        timed_steps.key_1,
        timed_steps.step,
        CASE WHEN timed_steps.step = 2 THEN 'play' WHEN timed_steps.step = 3 THEN 'buy' END
            AS event_type,
        CAST((unix_micros(timed_steps.timestamp) - unix_micros(timed_steps.since_at)) AS DOUBLE)
            / 60000000 AS value
    FROM timed_steps
    WHERE timed_steps.step > 1
)
SELECT
    spans.key_1 AS week,
    spans.step,
    spans.event_type,
    count(spans.value) AS reached,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY spans.value) AS median_minutes
FROM spans
GROUP BY spans.key_1, spans.step, spans.event_type
ORDER BY spans.key_1 NULLS LAST, spans.step NULLS LAST, spans.event_type NULLS LAST
