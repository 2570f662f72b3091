/** Version 4: what vouches for the audit log, and the states of models over time. */
export const version4 = `
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
`;
