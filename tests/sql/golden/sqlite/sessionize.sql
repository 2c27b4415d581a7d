WITH known AS (
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.event_type,
        events.session_id,
        CASE WHEN events.user_id IS NULL OR events.timestamp IS NULL THEN 0 ELSE 1 END AS counts,
        (
            CAST(strftime('%s', substr(events.timestamp, 1, 19)) AS INTEGER) * 1000000
                + CAST(substr(substr(events.timestamp, 21) || '000000', 1, 6) AS INTEGER)
        ) AS instant
    FROM events
),
ordered AS (
    SELECT
        known.event_id,
        known.user_id,
        known.timestamp,
        known.event_type,
        known.session_id,
        known.counts,
        known.instant,
        lag(known.instant) OVER (PARTITION BY known.user_id, known.counts ORDER BY known.instant)
            AS previous_instant,
        row_number() OVER (PARTITION BY known.user_id, known.counts ORDER BY known.instant) AS place
    FROM known
),
marked AS (
    SELECT
        ordered.event_id,
        ordered.user_id,
        ordered.timestamp,
        ordered.event_type,
        ordered.session_id,
        ordered.counts,
        ordered.instant,
        ordered.previous_instant,
        ordered.place,
        CASE
            WHEN ordered.previous_instant IS NULL THEN 1
            WHEN ordered.instant - ordered.previous_instant > 1800000000 THEN 2
            ELSE 0
        END AS begins
    FROM ordered
),
numbered AS (
    SELECT
        marked.event_id,
        marked.user_id,
        marked.timestamp,
        marked.event_type,
        marked.session_id,
        marked.counts,
        marked.instant,
        marked.previous_instant,
        marked.place,
        marked.begins,
        CAST(
            sum(CASE WHEN marked.begins > 0 THEN 1 ELSE 0 END) OVER (
                PARTITION BY marked.user_id, marked.counts
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY marked.user_id, marked.counts
            ORDER BY marked.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS started
    FROM marked
)
SELECT
    numbered.event_id,
    numbered.user_id,
    numbered.timestamp,
    numbered.event_type,
    CASE
        WHEN numbered.counts = 1
            THEN CAST(numbered.user_id AS TEXT) || ':' || CAST(numbered.started AS TEXT)
    END AS session_id,
    CASE WHEN numbered.counts = 1 THEN numbered.ordinal END AS session_index
FROM numbered
