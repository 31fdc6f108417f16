-- `reports_placed` without FINAL, for questions that ask for few reports or count positions: a message stored twice is there twice, so ask
-- with LIMIT 1 BY position, or count uniqExact(position). FINAL has every column of every granule read before a row is left out; without
-- it texts are read only where the incident fits (5 million reports, the 187 of one incident: 230 instead of 430 ms).
CREATE VIEW IF NOT EXISTS posko.reports_as_stored AS
SELECT
    * EXCEPT (incident_id),
    transform(
        transform(
            position,
            (SELECT groupArray(position) FROM posko.report_moves_rows FINAL),
            (SELECT groupArray(incident_id) FROM posko.report_moves_rows FINAL),
            incident_id
        ),
        (SELECT groupArray(incident_id) FROM posko.merged_rows FINAL),
        (SELECT groupArray(merged_into) FROM posko.merged_rows FINAL)
    ) AS now_incident,
    incident_id AS matched_incident,
    position
FROM posko.reports_rows
WHERE position NOT IN (SELECT position FROM posko.superseded);
