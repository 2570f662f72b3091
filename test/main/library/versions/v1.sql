-- A library as version 1 wrote it (November 2026), with a job of each end and something remembered.
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
PRAGMA user_version = 1;
