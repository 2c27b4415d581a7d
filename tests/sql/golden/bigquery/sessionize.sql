WITH ordered AS (
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.event_type,
        CASE WHEN events.user_id IS NOT NULL AND events.timestamp IS NOT NULL THEN 1 ELSE 0 END
            AS has_session,
        lag(events.timestamp) OVER (
            PARTITION BY
                events.user_id,
                CASE WHEN events.user_id IS NOT NULL AND events.timestamp IS NOT NULL THEN 1 ELSE 0 END
            ORDER BY events.timestamp, events.event_id IS NULL, events.event_id
        ) AS previous_time
    FROM events
),
marked AS (
    SELECT
        ordered.event_id,
        ordered.user_id,
        ordered.timestamp,
        ordered.event_type,
        ordered.has_session,
        ordered.previous_time,
        CASE
            WHEN ordered.previous_time IS NULL
                OR TIMESTAMP_DIFF(
                    ordered.timestamp,
                    ordered.previous_time,
                    MICROSECOND
                ) > 1800000000
                THEN 1
            ELSE 0
        END AS starts_session
    FROM ordered
),
numbered AS (
    SELECT
        marked.event_id,
        marked.user_id,
        marked.timestamp,
        marked.event_type,
        marked.has_session,
        marked.previous_time,
        marked.starts_session,
        sum(marked.starts_session) OVER (
            PARTITION BY marked.user_id, marked.has_session
            ORDER BY marked.timestamp, marked.event_id IS NULL, marked.event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS session_index
    FROM marked
),
named AS (
    SELECT
        numbered.event_id,
        numbered.user_id,
        numbered.timestamp,
        numbered.event_type,
        numbered.has_session,
        numbered.previous_time,
        numbered.starts_session,
        numbered.session_index,
        min(numbered.timestamp) OVER (
            PARTITION BY numbered.user_id, numbered.has_session, numbered.session_index
        ) AS session_started_at
    FROM numbered
)
SELECT
    named.event_id,
    named.user_id,
    named.timestamp,
    named.event_type,
    CASE
        WHEN named.has_session = 1
            THEN CAST(named.user_id AS STRING)
                || ':'
                || CAST(UNIX_MICROS(named.session_started_at) AS STRING)
    END AS session_id,
    CASE WHEN named.has_session = 1 THEN named.session_index END AS session_index
FROM named
