import * as z from 'zod';

/**
 * The audit log: what was trained, accepted, enhanced, exported, sent and fetched on this workstation, with what
 * outcome. It names
 * no patient and no path: inputs are hashes of UIDs.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What an entry is about. The last three are the log's own, about itself. */
export const auditKind = z.enum([
  'training-started',
  'training',
  'weights-imported',
  'package-imported',
  'package-exported',
  'model-accepted',
  'model-retired',
  'model-rolled-back',
  'enhancement',
  'segmentation',
  'export',
  'sending',
  'retrieval',
  'data-prepared',
  'log-torn',
  'log-damaged',
  'library-replaced',
]);
export type AuditKind = z.infer<typeof auditKind>;

/** One series that was used: what it was to the work, and the SHA-256 of its UIDs. */
const auditInput = z.strictObject({
  role: z.string(),
  seriesSha256: sha256.optional(),
  studySha256: sha256.optional(),
  /** Of prepared data and files: the SHA-256 of its manifest or content. */
  sha256: sha256.optional(),
});

const auditModel = z.strictObject({
  id: z.string(),
  version: z.string().optional(),
  weightsSha256: sha256.optional(),
  state: z.string().optional(),
  parent: z.string().optional(),
  parentSha256: sha256.optional(),
});

const setting = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What happened, without when and by whom. */
export const auditEvent = z.strictObject({
  kind: auditKind,
  outcome: z.enum(['done', 'failed', 'cancelled', 'started']),
  /** The code of the error. Its message is not kept: it may name a patient's folder. */
  error: z.string().optional(),
  model: auditModel.optional(),
  inputs: z.array(auditInput).default([]),
  settings: z.record(z.string(), setting).default({}),
  /** SHA-256 of what was made: of a series UID, a package, a report. */
  outputs: z.record(z.string(), sha256).default({}),
  /** Words of the named user. */
  notes: z.string().max(2000).optional(),
});
export type AuditEvent = z.infer<typeof auditEvent>;
export type AuditEventInput = z.input<typeof auditEvent>;

/** What a piece of work tells of itself while it runs. */
export type Evidence = Pick<AuditEventInput, 'model' | 'inputs' | 'settings' | 'outputs'>;

export const auditEntry = z.strictObject({
  format: z.literal('tandem-audit-1'),
  /** From 1, without a gap. */
  sequence: z.int().positive(),
  time: z.iso.datetime(),
  program: z.string(),
  /** Of the operating system. */
  account: z.string(),
  /** Who says to have done it, where that was asked. */
  user: z.string().nullable(),
  event: auditEvent,
  /** Hash of the entry before; zeros for the first. */
  previous: sha256,
  /** SHA-256 of this entry's canonical JSON without this member. */
  hash: sha256,
});
export type AuditEntry = z.infer<typeof auditEntry>;

/**
 * `changed`: the content is not what was written; `malformed`: a line that is no entry; `removed`: entries are
 * missing in the middle; `cut`: at the end; `inserted`: an entry that was never written here; `reordered`;
 * `torn`: the end of a line is missing and no interrupted write explains it.
 */
export const auditFault = z.object({
  kind: z.enum(['changed', 'malformed', 'removed', 'cut', 'inserted', 'reordered', 'torn']),
  /** From 1; of the line that follows, where entries are missing. */
  line: z.int().positive(),
  /** Number of the entry, where it is known. */
  sequence: z.int().nullable(),
  message: z.string(),
});
export type AuditFault = z.infer<typeof auditFault>;

/** Holds the log against itself and against what the library keeps of it. */
export const auditVerify = {
  request: z.object({
    /** A copy of a log; the workstation's own where absent. A copy has no library to vouch for its end. */
    path: z.string().optional(),
  }),
  result: z.object({
    path: z.string(),
    ok: z.boolean(),
    entries: z.int(),
    /** Hash of the last entry: written down elsewhere, it vouches for all before it. Null where there is none. */
    lastHash: z.string().nullable(),
    /** `library`: each entry was compared with the hash kept there; `none`: a cut end would go unnoticed. */
    vouchedBy: z.enum(['library', 'none']),
    /** Entries that wait in the library for the file to be written again. */
    waiting: z.int(),
    /** Bytes of a line whose writing was interrupted: the next entry sets them aside and says so. */
    interruptedBytes: z.int(),
    faults: z.array(auditFault),
    /** What is no fault and should be known. */
    notes: z.array(z.string()),
  }),
};

/** The last entries of the log, oldest first. */
export const auditShow = {
  request: z.object({
    last: z.int().min(1).max(100_000).default(20),
    kind: auditKind.optional(),
  }),
  result: z.object({
    path: z.string(),
    entries: z.array(auditEntry),
    /** Lines that are no entries: `audit verify` says which. */
    unreadable: z.int(),
  }),
};
