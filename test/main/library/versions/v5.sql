-- A library as version 5 wrote it (November 2026), with a job of each end, something remembered and a measurement.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  turn INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  request TEXT NOT NULL,
  subject TEXT,
  state TEXT NOT NULL,
  cancelling INTEGER NOT NULL DEFAULT 0,
  progress TEXT,
  error TEXT,
  result TEXT,
  result_id TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 1,
  submitted_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, turn);
CREATE TABLE runner (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  token TEXT NOT NULL,
  pid INTEGER NOT NULL,
  beat_at INTEGER NOT NULL
) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counters VALUES ('jobs', 41);
CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL, saved_at INTEGER NOT NULL) STRICT;
INSERT INTO remembered VALUES ('settings', '{"theme":"light"}', 1795000000000);
INSERT INTO jobs VALUES ('j1', 1, 'enhance', '{"target":{"paths":["/data/a"],"series":"1.2"},"scale":2,"model":"edsr-x2","device":"auto","registration":"none","acceptRegistration":false,"companions":[]}', '{"studyUid":"1","study":"DOE JANE","targetUid":"1.2","target":"T2","referenceUid":null,"reference":null}', 'failed', 0, NULL, '{"code":"out-of-memory","message":"Too much"}', NULL, 'r1', 2, 1795000000000, 1795000001000, 1795000002000);
INSERT INTO jobs VALUES ('j2', 2, 'enhance', '{"target":{"paths":["/data/a"],"series":"1.2"},"scale":4,"model":"edsr-x4","device":"cpu","registration":"none","acceptRegistration":false,"companions":[]}', NULL, 'waiting', 0, NULL, NULL, NULL, 'r2', 1, 1795000003000, NULL, NULL);
CREATE TABLE studies (
  uid TEXT PRIMARY KEY,
  description TEXT NOT NULL,
  date TEXT NOT NULL,
  patient_name TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  words TEXT NOT NULL,
  is_copy INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT;

CREATE TABLE series (
  study_uid TEXT NOT NULL REFERENCES studies (uid) ON DELETE CASCADE ON UPDATE CASCADE,
  uid TEXT NOT NULL,
  position INTEGER NOT NULL,
  entry TEXT NOT NULL,
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
, result TEXT) STRICT;
CREATE INDEX enhancements_by_study ON enhancements (study_uid, made_at);

CREATE TABLE exports (
  enhancement_id TEXT NOT NULL REFERENCES enhancements (id) ON DELETE CASCADE,
  folder TEXT NOT NULL,
  format TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX exports_by_enhancement ON exports (enhancement_id);
INSERT INTO studies VALUES ('1', 'Head', '20240131', 'DOE^JANE', 'p1', 'doe jane p1 head t2', 0, 1795000000000, 1795000000001);
INSERT INTO series VALUES ('1', '1.2', 0, '{"summary":{"uid":"1.2","number":6,"description":"T2","modality":"MR","format":"dicom","size":[4,4,1],"spacingMm":[1,1,1],"orientation":"axial","contrast":{"name":"t2","why":""},"warnings":[],"path":"/data/a"},"studyUid":"1","files":["/data/a/1.dcm"]}', '["/data/a"]', 1795000000000);
INSERT INTO thumbnails VALUES ('1', '1.2', 1, 1, x'80');
INSERT INTO enhancements VALUES ('e1', '1', '1.2', 'T2', NULL, NULL, 'edsr-x2', '1.0.0', 2, 'cpu', 'none', 1795000000002, 3.5, 1024, 1795000000002, NULL, NULL);
INSERT INTO exports VALUES ('e1', '/out', 'dicom', 1795000000003);
-- Every entry of the audit log by its hash, so that the log can be held against it.
CREATE TABLE audit_entries (
  sequence INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  -- The line, while it is not yet known to be in the file.
  line TEXT
) STRICT;

-- How long the file is, by what was written to it.
CREATE TABLE audit_file (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  bytes INTEGER NOT NULL
) STRICT;
INSERT INTO audit_file VALUES (1, 0);

-- What became of models, one row a change; the last row of an identity is its state.
CREATE TABLE model_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- See models/identity.ts.
  identity TEXT NOT NULL,
  model_id TEXT NOT NULL,
  version TEXT NOT NULL,
  weights TEXT NOT NULL,
  -- What it is a default for: contrast pair and scale.
  slot TEXT NOT NULL,
  state TEXT NOT NULL,
  user TEXT,
  account TEXT NOT NULL,
  at INTEGER NOT NULL,
  notes TEXT,
  report TEXT
) STRICT;
CREATE INDEX model_history_by_identity ON model_history (identity, id);
CREATE INDEX model_history_by_slot ON model_history (slot, id);
CREATE TABLE study_memory (
  study_uid TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (study_uid, key)
) STRICT;
INSERT INTO study_memory VALUES ('1', 'measurements', '[{"id":"m1","name":"Value 1","kind":"probe","plane":{"right":[1,0,0],"down":[0,1,0],"normal":[0,0,1]},"pointsLps":[[1,2,3]]}]', 1795000000000);
PRAGMA user_version = 5;
