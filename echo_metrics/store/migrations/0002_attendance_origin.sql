-- Where attendance comes from: `log` (join and leave times), `total_only` (minutes without times), `iecho` (a mark).
ALTER TABLE connection ADD COLUMN origin VARCHAR;
UPDATE connection SET origin = 'log';
ALTER TABLE attendance ADD COLUMN origin VARCHAR;
UPDATE attendance SET origin = 'log';
