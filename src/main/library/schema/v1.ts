/** Version 1: jobs, who runs them, and what windows want remembered. */
export const version1 = `
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  -- Order in the queue; a retry goes to the end.
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

-- The one process that runs jobs now.
CREATE TABLE runner (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  token TEXT NOT NULL,
  pid INTEGER NOT NULL,
  beat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counters VALUES ('jobs', 0);

CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL, saved_at INTEGER NOT NULL) STRICT;
`;
