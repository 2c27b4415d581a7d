WITH known AS (
    SELECT
        events.event_id,
        events.user_id,
        events.timestamp,
        events.event_type,
        events.session_id,
        CASE WHEN events.user_id IS NULL OR events.timestamp IS NULL THEN 0 ELSE 1 END AS counts,
        TIMESTAMPDIFF(MICROSECOND, '1970-01-01', events.timestamp) AS instant
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
        lag(known.instant) OVER (
            PARTITION BY
                CAST(known.user_id AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin,
                known.counts
            ORDER BY known.instant
        ) AS previous_instant,
        row_number() OVER (
            PARTITION BY
                CAST(known.user_id AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin,
                known.counts
            ORDER BY known.instant
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
                PARTITION BY
                    CAST(marked.user_id AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin,
                    marked.counts
                ORDER BY marked.place
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS SIGNED INTEGER
        ) AS ordinal,
        max(CASE WHEN marked.begins > 0 THEN marked.instant END) OVER (
            PARTITION BY
                CAST(marked.user_id AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin,
                marked.counts
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
            THEN concat(
                CAST(numbered.user_id AS CHAR CHARACTER SET utf8mb4),
                ':',
                CAST(numbered.started AS CHAR CHARACTER SET utf8mb4)
            )
    END AS session_id,
    CASE WHEN numbered.counts = 1 THEN numbered.ordinal END AS session_index
FROM numbered
