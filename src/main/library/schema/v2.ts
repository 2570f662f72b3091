/** Version 2: studies and series with where they are, thumbnails, and the history of enhancements. */
export const version2 = `
CREATE TABLE studies (
  uid TEXT PRIMARY KEY,
  description TEXT NOT NULL,
  date TEXT NOT NULL,
  patient_name TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  -- What free text is looked for in, folded (see text.ts).
  words TEXT NOT NULL,
  is_copy INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT;

CREATE TABLE series (
  study_uid TEXT NOT NULL REFERENCES studies (uid) ON DELETE CASCADE ON UPDATE CASCADE,
  uid TEXT NOT NULL,
  position INTEGER NOT NULL,
  -- As the index of files has it (SeriesEntry): summary, files, places of slices.
  entry TEXT NOT NULL,
  -- Paths that hold it: folders, archives, single files.
  places TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (study_uid, uid)
) STRICT;
CREATE INDEX series_by_uid ON series (uid);

CREATE TABLE thumbnails (
  study_uid TEXT NOT NULL,
  series_uid TEXT NOT NULL,
  columns INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  pixels BLOB NOT NULL,
  PRIMARY KEY (study_uid, series_uid),
  FOREIGN KEY (study_uid, series_uid) REFERENCES series (study_uid, uid) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT;

-- Of a study that need not be in the library.
CREATE TABLE enhancements (
  id TEXT PRIMARY KEY,
  study_uid TEXT NOT NULL,
  target_uid TEXT NOT NULL,
  target TEXT NOT NULL,
  reference_uid TEXT,
  reference TEXT,
  model TEXT NOT NULL,
  model_version TEXT NOT NULL,
  scale INTEGER NOT NULL,
  device TEXT NOT NULL,
  verdict TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  seconds REAL NOT NULL,
  bytes INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  removed TEXT
) STRICT;
CREATE INDEX enhancements_by_study ON enhancements (study_uid, made_at);

CREATE TABLE exports (
  enhancement_id TEXT NOT NULL REFERENCES enhancements (id) ON DELETE CASCADE,
  folder TEXT NOT NULL,
  format TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX exports_by_enhancement ON exports (enhancement_id);
`;
