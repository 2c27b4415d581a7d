WITH known AS (
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.event_type,
        events.session_id,
        CASE
            WHEN events.user_id IS NULL
                OR (events.timestamp IS NULL OR NOT isfinite(events.timestamp))
                THEN 0
            ELSE 1
        END AS counts,
        CAST(
            CASE
                WHEN isfinite(events.timestamp) THEN EXTRACT(EPOCH FROM events.timestamp)
            END * 1000000 AS BIGINT
        ) AS instant,
        CASE WHEN CAST(events.event_type AS TEXT) COLLATE "C" = 'page_view' THEN 4 ELSE 0 END
            AS opens,
        CASE WHEN CAST(events.event_type AS TEXT) COLLATE "C" = 'placed_order' THEN 5 ELSE 0 END
            AS closes
    FROM events
),
placed AS (
    SELECT
        known.event_id,
        known.user_id,
        known.timestamp,
        known.event_type,
        known.session_id,
        known.counts,
        known.instant,
        known.opens,
        known.closes,
        row_number() OVER (
            PARTITION BY CAST(known.user_id AS TEXT) COLLATE "C", known.counts
            ORDER BY
                known.instant,
                CASE WHEN known.event_id IS NULL THEN 1 ELSE 0 END,
                known.event_id,
                CASE WHEN known.event_type IS NULL THEN 1 ELSE 0 END,
                CAST(known.event_type AS TEXT) COLLATE "C"
        ) AS nth_event
    FROM known
),
bounds AS (
    SELECT
        placed.event_id,
        placed.user_id,
        placed.timestamp,
        placed.event_type,
        placed.session_id,
        placed.counts,
        placed.instant,
        placed.opens,
        placed.closes,
        placed.nth_event,
        max(CASE WHEN placed.opens > 0 THEN placed.nth_event END) OVER (
            PARTITION BY CAST(placed.user_id AS TEXT) COLLATE "C", placed.counts
            ORDER BY
                placed.instant,
                CASE WHEN placed.event_id IS NULL THEN 1 ELSE 0 END,
                placed.event_id,
                CASE WHEN placed.event_type IS NULL THEN 1 ELSE 0 END,
                CAST(placed.event_type AS TEXT) COLLATE "C"
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS latest_start,
        max(CASE WHEN placed.closes > 0 THEN placed.nth_event END) OVER (
            PARTITION BY CAST(placed.user_id AS TEXT) COLLATE "C", placed.counts
            ORDER BY
                placed.instant,
                CASE WHEN placed.event_id IS NULL THEN 1 ELSE 0 END,
                placed.event_id,
                CASE WHEN placed.event_type IS NULL THEN 1 ELSE 0 END,
                CAST(placed.event_type AS TEXT) COLLATE "C"
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS latest_end
    FROM placed
),
bounded AS (
    SELECT
        bounds.event_id,
        bounds.user_id,
        bounds.timestamp,
        bounds.event_type,
        bounds.session_id,
        bounds.counts,
        bounds.instant,
        bounds.opens,
        bounds.closes,
        bounds.nth_event,
        bounds.latest_start,
        bounds.latest_end,
        CASE
            WHEN bounds.opens > 0 THEN 0
            WHEN bounds.latest_start IS NOT NULL
                AND (bounds.latest_end IS NULL OR bounds.latest_end < bounds.latest_start)
                THEN 0
            ELSE 1
        END AS outside,
        CASE
            WHEN bounds.latest_start IS NOT NULL
                AND (bounds.latest_end IS NULL OR bounds.latest_end < bounds.latest_start)
                THEN 0
            ELSE bounds.opens
        END AS opens_bounds
    FROM bounds
),
ordered AS (
    SELECT
        bounded.event_id,
        bounded.user_id,
        bounded.timestamp,
        bounded.event_type,
        bounded.session_id,
        bounded.counts,
        bounded.instant,
        bounded.opens,
        bounded.closes,
        bounded.nth_event,
        bounded.latest_start,
        bounded.latest_end,
        bounded.outside,
        bounded.opens_bounds,
        lag(bounded.instant) OVER (
            PARTITION BY CAST(bounded.user_id AS TEXT) COLLATE "C", bounded.counts, bounded.outside
            ORDER BY
                bounded.instant,
                CASE WHEN bounded.event_id IS NULL THEN 1 ELSE 0 END,
                bounded.event_id,
                CASE WHEN bounded.event_type IS NULL THEN 1 ELSE 0 END,
                CAST(bounded.event_type AS TEXT) COLLATE "C"
        ) AS previous_instant,
        lag(bounded.closes) OVER (
            PARTITION BY CAST(bounded.user_id AS TEXT) COLLATE "C", bounded.counts, bounded.outside
            ORDER BY
                bounded.instant,
                CASE WHEN bounded.event_id IS NULL THEN 1 ELSE 0 END,
                bounded.event_id,
                CASE WHEN bounded.event_type IS NULL THEN 1 ELSE 0 END,
                CAST(bounded.event_type AS TEXT) COLLATE "C"
        ) AS previous_closes,
        row_number() OVER (
            PARTITION BY CAST(bounded.user_id AS TEXT) COLLATE "C", bounded.counts, bounded.outside
            ORDER BY
                bounded.instant,
                CASE WHEN bounded.event_id IS NULL THEN 1 ELSE 0 END,
                bounded.event_id,
                CASE WHEN bounded.event_type IS NULL THEN 1 ELSE 0 END,
                CAST(bounded.event_type AS TEXT) COLLATE "C"
        ) AS place
    FROM bounded
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
        ordered.opens,
        ordered.closes,
        ordered.nth_event,
        ordered.latest_start,
        ordered.latest_end,
        ordered.outside,
        ordered.opens_bounds,
        ordered.previous_instant,
        ordered.previous_closes,
        ordered.place,
        CASE
            WHEN ordered.previous_instant IS NULL THEN 1
            WHEN ordered.opens_bounds > 0 THEN ordered.opens_bounds
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
        marked.opens,
        marked.closes,
        marked.nth_event,
        marked.latest_start,
        marked.latest_end,
        marked.outside,
        marked.opens_bounds,
        marked.previous_instant,
        marked.previous_closes,
        marked.place,
        marked.begins,
        CAST(
            sum(CASE WHEN marked.begins > 0 THEN 1 ELSE 0 END) OVER (
                PARTITION BY CAST(marked.user_id AS TEXT) COLLATE "C", marked.counts, marked.outside
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY CAST(marked.user_id AS TEXT) COLLATE "C", marked.counts, marked.outside
            ORDER BY marked.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS started
    FROM marked
),
explained AS (
    SELECT
        numbered.event_id,
        numbered.user_id,
        numbered.timestamp,
        numbered.event_type,
        numbered.session_id,
        numbered.counts,
        numbered.instant,
        numbered.opens,
        numbered.closes,
        numbered.nth_event,
        numbered.latest_start,
        numbered.latest_end,
        numbered.outside,
        numbered.opens_bounds,
        numbered.previous_instant,
        numbered.previous_closes,
        numbered.place,
        numbered.begins,
        numbered.ordinal,
        numbered.started,
        max(CASE WHEN numbered.begins > 0 THEN numbered.ordinal * 6 + numbered.begins END) OVER (
            PARTITION BY
                CAST(numbered.user_id AS TEXT) COLLATE "C",
                numbered.counts,
                numbered.outside
            ORDER BY numbered.place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS explained,
        lag(numbered.started) OVER (
            PARTITION BY
                CAST(numbered.user_id AS TEXT) COLLATE "C",
                numbered.counts,
                numbered.outside
            ORDER BY numbered.place
        ) AS previous_started
    FROM numbered
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
        explained.opens,
        explained.closes,
        explained.nth_event,
        explained.latest_start,
        explained.latest_end,
        explained.outside,
        explained.opens_bounds,
        explained.previous_instant,
        explained.previous_closes,
        explained.place,
        explained.begins,
        explained.ordinal,
        explained.started,
        explained.explained,
        explained.previous_started,
        max(
            CASE
                WHEN explained.begins > 0
                    AND (
                        explained.previous_started IS NULL
                            OR explained.previous_started != explained.started
                    )
                    THEN explained.ordinal
            END
        ) OVER (
            PARTITION BY
                CAST(explained.user_id AS TEXT) COLLATE "C",
                explained.counts,
                explained.outside
            ORDER BY explained.place
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
        WHEN told_apart.counts = 1 AND told_apart.outside = 0
            THEN CASE
                WHEN (told_apart.ordinal - told_apart.first_ordinal) + 1 > 1
                    THEN CAST(told_apart.user_id AS TEXT)
                        || ':'
                        || CAST(told_apart.started AS TEXT)
                        || '.'
                        || CAST((told_apart.ordinal - told_apart.first_ordinal) + 1 AS TEXT)
                ELSE CAST(told_apart.user_id AS TEXT) || ':' || CAST(told_apart.started AS TEXT)
            END
    END AS session_id,
    CASE WHEN told_apart.counts = 1 AND told_apart.outside = 0 THEN told_apart.ordinal END
        AS session_index,
    CASE
        WHEN told_apart.counts = 1 AND told_apart.outside = 0
            THEN CASE
                WHEN mod(told_apart.explained, 6) = 1 THEN 'first'
                WHEN mod(told_apart.explained, 6) = 2 THEN 'timeout'
                WHEN mod(told_apart.explained, 6) = 3 THEN 'midnight'
                WHEN mod(told_apart.explained, 6) = 4 THEN 'event:page_view'
                WHEN mod(told_apart.explained, 6) = 5 THEN 'after_event:placed_order'
            END
    END AS start_reason
FROM told_apart
