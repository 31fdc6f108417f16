-- The ids of a batch are asked for by name (0011 came with it), so nothing marks a batch any more.
ALTER TABLE posko.report_ids DROP COLUMN IF EXISTS claim;
