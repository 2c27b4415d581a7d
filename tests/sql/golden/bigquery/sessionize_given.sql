WITH known AS (
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.event_type,
        events.session_id,
        CASE
            WHEN events.user_id IS NULL
                OR events.timestamp IS NULL
                OR nullif(CAST(events.event_type AS STRING), '') IS NULL
                THEN 0
            ELSE 1
        END AS counts,
        UNIX_MICROS(events.timestamp) AS instant,
        CAST(events.event_type AS STRING) AS given
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
        known.given,
        lag(known.instant) OVER (
            PARTITION BY known.user_id, known.counts, known.given
            ORDER BY
                known.instant,
                CASE WHEN known.event_id IS NULL THEN 1 ELSE 0 END,
                known.event_id,
                CASE WHEN known.event_type IS NULL THEN 1 ELSE 0 END,
                known.event_type
        ) AS previous_instant,
        row_number() OVER (
            PARTITION BY known.user_id, known.counts, known.given
            ORDER BY
                known.instant,
                CASE WHEN known.event_id IS NULL THEN 1 ELSE 0 END,
                known.event_id,
                CASE WHEN known.event_type IS NULL THEN 1 ELSE 0 END,
                known.event_type
        ) AS place
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
        ordered.given,
        ordered.previous_instant,
        ordered.place,
        CASE
            WHEN ordered.previous_instant IS NULL THEN 2
            WHEN ordered.instant - ordered.previous_instant > 1800000000 THEN 3
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
        marked.given,
        marked.previous_instant,
        marked.place,
        marked.begins,
        CAST(
            sum(CASE WHEN marked.begins > 0 THEN 1 ELSE 0 END) OVER (
                PARTITION BY marked.user_id, marked.counts, marked.given
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS INT64
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY marked.user_id, marked.counts, marked.given
            ORDER BY marked.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS started
    FROM marked
),
in_order AS (
    SELECT
        numbered.event_id,
        numbered.user_id,
        numbered.timestamp,
        numbered.event_type,
        numbered.session_id,
        numbered.counts,
        numbered.instant,
        numbered.given,
        numbered.previous_instant,
        numbered.place,
        numbered.begins,
        numbered.ordinal,
        numbered.started,
        CAST(
            sum(CASE WHEN numbered.begins > 0 THEN 1 ELSE 0 END) OVER (
                PARTITION BY numbered.user_id, numbered.counts
                ORDER BY
                    numbered.started,
                    CASE WHEN numbered.given IS NULL THEN 1 ELSE 0 END,
                    numbered.given,
                    numbered.ordinal,
                    CASE WHEN numbered.begins > 0 THEN 0 ELSE 1 END
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS INT64
        ) AS nth
    FROM numbered
),
explained AS (
    SELECT
        in_order.event_id,
        in_order.user_id,
        in_order.timestamp,
        in_order.event_type,
        in_order.session_id,
        in_order.counts,
        in_order.instant,
        in_order.given,
        in_order.previous_instant,
        in_order.place,
        in_order.begins,
        in_order.ordinal,
        in_order.started,
        in_order.nth,
        max(CASE WHEN in_order.begins > 0 THEN in_order.ordinal * 5 + in_order.begins END) OVER (
            PARTITION BY in_order.user_id, in_order.counts, in_order.given
            ORDER BY in_order.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS explained,
        lag(in_order.started) OVER (
            PARTITION BY in_order.user_id, in_order.counts
            ORDER BY
                in_order.started,
                CASE WHEN in_order.given IS NULL THEN 1 ELSE 0 END,
                in_order.given,
                in_order.ordinal,
                CASE WHEN in_order.begins > 0 THEN 0 ELSE 1 END
        ) AS previous_started
    FROM in_order
),
told_apart AS (
    SELECT
        explained.event_id,
        explained.user_id,
        explained.timestamp,
        explained.event_type,
        explained.session_id,
        explained.counts,
        explained.instant,
        explained.given,
        explained.previous_instant,
        explained.place,
        explained.begins,
        explained.ordinal,
        explained.started,
        explained.nth,
        explained.explained,
        explained.previous_started,
        max(
            CASE
                WHEN explained.begins > 0
                    AND (
                        explained.previous_started IS NULL
                            OR explained.previous_started != explained.started
                    )
                    THEN explained.nth
            END
        ) OVER (
            PARTITION BY explained.user_id, explained.counts
            ORDER BY
                explained.started,
                CASE WHEN explained.given IS NULL THEN 1 ELSE 0 END,
                explained.given,
                explained.ordinal,
                CASE WHEN explained.begins > 0 THEN 0 ELSE 1 END
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS first_ordinal
    FROM explained
)
SELECT
    told_apart.event_id,
    told_apart.user_id,
    told_apart.timestamp,
    told_apart.event_type,
    CASE
        WHEN told_apart.counts = 1
            THEN CASE
                WHEN (told_apart.nth - told_apart.first_ordinal) + 1 > 1
                    THEN CAST(told_apart.user_id AS STRING)
                        || ':'
                        || CAST(told_apart.started AS STRING)
                        || '.'
                        || CAST((told_apart.nth - told_apart.first_ordinal) + 1 AS STRING)
                ELSE CAST(told_apart.user_id AS STRING)
                    || ':'
                    || CAST(told_apart.started AS STRING)
            END
    END AS session_id,
    CASE WHEN told_apart.counts = 1 THEN told_apart.nth END AS session_index,
    CASE
        WHEN told_apart.counts = 1
            THEN CASE
                WHEN told_apart.nth = 1 THEN 'first'
                ELSE CASE
                    WHEN mod(told_apart.explained, 5) = 1 THEN 'first'
                    WHEN mod(told_apart.explained, 5) = 2 THEN 'given'
                    WHEN mod(told_apart.explained, 5) = 3 THEN 'timeout'
                    WHEN mod(told_apart.explained, 5) = 4 THEN 'midnight'
                END
            END
    END AS start_reason
FROM told_apart
