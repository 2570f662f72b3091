/** Version 6: where the user left the reference of a pair, and how fast models ran on which machine. */
export const version6 = `
CREATE TABLE alignments (
  study_uid TEXT NOT NULL REFERENCES studies (uid) ON DELETE CASCADE ON UPDATE CASCADE,
  target_uid TEXT NOT NULL,
  reference_uid TEXT NOT NULL,
  -- What the files of both were (see filesOfPair.ts): of others it says nothing.
  files TEXT NOT NULL,
  alignment TEXT NOT NULL,
  kept_at INTEGER NOT NULL,
  PRIMARY KEY (study_uid, target_uid, reference_uid)
) STRICT;

CREATE TABLE speeds (
  -- A data folder may be shared by several.
  machine TEXT NOT NULL,
  -- Weights, device, matrix.
  key TEXT NOT NULL,
  speed TEXT NOT NULL,
  measured_at INTEGER NOT NULL,
  PRIMARY KEY (machine, key)
) STRICT;
`;
