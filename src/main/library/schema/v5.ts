/** Version 5: what windows want remembered of each study; before, it was kept of the last one only. */
export const version5 = `
CREATE TABLE study_memory (
  -- Of a study that need not be in the library yet.
  study_uid TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (study_uid, key)
) STRICT;

INSERT INTO study_memory
  SELECT json_extract(value, '$.studyUid'), key, json_extract(value, '$.items'), saved_at FROM remembered
  WHERE key = 'measurements' AND json_valid(value)
    AND json_type(value, '$.studyUid') = 'text' AND json_extract(value, '$.studyUid') <> ''
    AND json_type(value, '$.items') = 'array';
DELETE FROM remembered WHERE key = 'measurements';
`;
