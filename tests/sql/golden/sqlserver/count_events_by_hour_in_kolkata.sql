WITH counted AS (
    SELECT
        DATEADD(
            SECOND,
            -1 * (CASE WHEN events.timestamp < '1905-12-31T18:38:50' THEN 1270 ELSE 1800 END),
            DATEADD(
                HOUR,
                DATEDIFF(
                    HOUR,
                    CAST('1900-01-01' AS DATETIME2(6)),
                    DATEADD(
                        SECOND,
                        (CASE WHEN events.timestamp < '1905-12-31T18:38:50' THEN 1270 ELSE 1800 END),
                        events.timestamp
                    )
                ),
                CAST('1900-01-01' AS DATETIME2(6))
            )
        ) AS key_1,
        events.event_type AS key_2,
        1 AS value
    FROM events
    JOIN sessions ON sessions.session_id = events.session_id
)
SELECT
    counted.key_1 AS hour,
    counted.key_2 AS event_type,
    CAST(coalesce(sum(counted.value), 0) AS BIGINT) AS events
FROM counted
GROUP BY counted.key_1, counted.key_2
ORDER BY
    CASE WHEN counted.key_1 IS NULL THEN 1 ELSE 0 END,
    counted.key_1,
    CASE WHEN counted.key_2 IS NULL THEN 1 ELSE 0 END,
    counted.key_2
