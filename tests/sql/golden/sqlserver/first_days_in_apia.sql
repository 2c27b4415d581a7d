WITH first_days AS (
    SELECT
        sessions.session_id,
        CAST(
            DATEADD(
                SECOND,
                CASE
                    WHEN sessions.started_at < '2016-09-24T14:00:00'
                        THEN CASE
                            WHEN sessions.started_at < '1911-01-01T11:26:56' THEN -41216
                            WHEN sessions.started_at < '1950-01-01T11:30:00' THEN -41400
                            WHEN sessions.started_at < '2010-09-26T11:00:00' THEN -39600
                            WHEN sessions.started_at < '2011-04-02T14:00:00' THEN -36000
                            WHEN sessions.started_at < '2011-09-24T14:00:00' THEN -39600
                            WHEN sessions.started_at < '2011-12-30T10:00:00' THEN -36000
                            WHEN sessions.started_at < '2012-03-31T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2012-09-29T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2013-04-06T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2013-09-28T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2014-04-05T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2014-09-27T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2015-04-04T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2015-09-26T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2016-04-02T14:00:00' THEN 50400
                            ELSE 46800
                        END
                    ELSE CASE
                        WHEN sessions.started_at < '2017-04-01T14:00:00' THEN 50400
                        WHEN sessions.started_at < '2017-09-23T14:00:00' THEN 46800
                        WHEN sessions.started_at < '2018-03-31T14:00:00' THEN 50400
                        WHEN sessions.started_at < '2018-09-29T14:00:00' THEN 46800
                        WHEN sessions.started_at < '2019-04-06T14:00:00' THEN 50400
                        WHEN sessions.started_at < '2019-09-28T14:00:00' THEN 46800
                        WHEN sessions.started_at < '2020-04-04T14:00:00' THEN 50400
                        WHEN sessions.started_at < '2020-09-26T14:00:00' THEN 46800
                        WHEN sessions.started_at < '2021-04-03T14:00:00' THEN 50400
                        ELSE 46800
                    END
                END,
                sessions.started_at
            ) AS DATE
        ) AS day,
        DATEADD(
            DAY,
            FLOOR(
                DATEDIFF(
                    DAY,
                    CAST('1900-01-01' AS DATE),
                    DATEADD(
                        SECOND,
                        CASE
                            WHEN sessions.started_at < '2016-09-24T14:00:00'
                                THEN CASE
                                    WHEN sessions.started_at < '1911-01-01T11:26:56' THEN -41216
                                    WHEN sessions.started_at < '1950-01-01T11:30:00' THEN -41400
                                    WHEN sessions.started_at < '2010-09-26T11:00:00' THEN -39600
                                    WHEN sessions.started_at < '2011-04-02T14:00:00' THEN -36000
                                    WHEN sessions.started_at < '2011-09-24T14:00:00' THEN -39600
                                    WHEN sessions.started_at < '2011-12-30T10:00:00' THEN -36000
                                    WHEN sessions.started_at < '2012-03-31T14:00:00' THEN 50400
                                    WHEN sessions.started_at < '2012-09-29T14:00:00' THEN 46800
                                    WHEN sessions.started_at < '2013-04-06T14:00:00' THEN 50400
                                    WHEN sessions.started_at < '2013-09-28T14:00:00' THEN 46800
                                    WHEN sessions.started_at < '2014-04-05T14:00:00' THEN 50400
                                    WHEN sessions.started_at < '2014-09-27T14:00:00' THEN 46800
                                    WHEN sessions.started_at < '2015-04-04T14:00:00' THEN 50400
                                    WHEN sessions.started_at < '2015-09-26T14:00:00' THEN 46800
                                    WHEN sessions.started_at < '2016-04-02T14:00:00' THEN 50400
                                    ELSE 46800
                                END
                            ELSE CASE
                                WHEN sessions.started_at < '2017-04-01T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2017-09-23T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2018-03-31T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2018-09-29T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2019-04-06T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2019-09-28T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2020-04-04T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2020-09-26T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2021-04-03T14:00:00' THEN 50400
                                ELSE 46800
                            END
                        END,
                        sessions.started_at
                    )
                ) / 7.0
            ) * 7,
            CAST('1900-01-01' AS DATE)
        ) AS week,
        DATEADD(
            MONTH,
            DATEDIFF(
                MONTH,
                CAST('1900-01-01' AS DATE),
                DATEADD(
                    SECOND,
                    CASE
                        WHEN sessions.started_at < '2016-09-24T14:00:00'
                            THEN CASE
                                WHEN sessions.started_at < '1911-01-01T11:26:56' THEN -41216
                                WHEN sessions.started_at < '1950-01-01T11:30:00' THEN -41400
                                WHEN sessions.started_at < '2010-09-26T11:00:00' THEN -39600
                                WHEN sessions.started_at < '2011-04-02T14:00:00' THEN -36000
                                WHEN sessions.started_at < '2011-09-24T14:00:00' THEN -39600
                                WHEN sessions.started_at < '2011-12-30T10:00:00' THEN -36000
                                WHEN sessions.started_at < '2012-03-31T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2012-09-29T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2013-04-06T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2013-09-28T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2014-04-05T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2014-09-27T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2015-04-04T14:00:00' THEN 50400
                                WHEN sessions.started_at < '2015-09-26T14:00:00' THEN 46800
                                WHEN sessions.started_at < '2016-04-02T14:00:00' THEN 50400
                                ELSE 46800
                            END
                        ELSE CASE
                            WHEN sessions.started_at < '2017-04-01T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2017-09-23T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2018-03-31T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2018-09-29T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2019-04-06T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2019-09-28T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2020-04-04T14:00:00' THEN 50400
                            WHEN sessions.started_at < '2020-09-26T14:00:00' THEN 46800
                            WHEN sessions.started_at < '2021-04-03T14:00:00' THEN 50400
                            ELSE 46800
                        END
                    END,
                    sessions.started_at
                )
            ),
            CAST('1900-01-01' AS DATE)
        ) AS month
    FROM sessions
)
SELECT
    first_days.session_id,
    first_days.day,
    first_days.week,
    first_days.month,
    DATEDIFF(DAY, first_days.day, max(first_days.day) OVER ()) AS days_before_last,
    DATEDIFF(WEEK, first_days.week, max(first_days.week) OVER ()) AS weeks_before_last,
    DATEDIFF(MONTH, first_days.month, max(first_days.month) OVER ()) AS months_before_last
FROM first_days
