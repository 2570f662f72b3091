import * as z from 'zod';

/**
 * States of models. What ships is `shipped` and never changes. Any other package is a `candidate` until a named
 * user accepts it on a passing acceptance report; an accepted one is the default for the scans it matches until it
 * is retired or rolled back.
 */
export const modelState = z.enum(['shipped', 'candidate', 'accepted', 'retired']);
export type ModelState = z.infer<typeof modelState>;

/** A person, as she wants to be named in the log and on the list of models. */
export const userName = z.string().trim().min(1).max(100);
const notes = z.string().trim().max(2000).optional();

/** One change of a model's state. */
export const modelStateChange = z.object({
  state: modelState,
  user: z.string().nullable(),
  account: z.string(),
  atMs: z.number(),
  notes: z.string().nullable(),
  /** SHA-256 of the acceptance report that it rests on. */
  reportSha256: z.string().nullable(),
});
export type ModelStateChange = z.infer<typeof modelStateChange>;

/** What the models list says of a model's standing. */
export const modelStanding = z.object({
  state: modelState,
  /** Whether it is the one to take for its contrast pair and scale, unless another is asked for. */
  isDefault: z.boolean(),
  /** The default before it, which a rollback would bring back; only of one that a site accepted. */
  predecessor: z.string().nullable(),
  /** The model whose weights its training began with. */
  parent: z.string().nullable(),
  /** SHA-256 of the manifest of the data that it was trained on. */
  dataSha256: z.string().nullable(),
  /** What its acceptance report says; null where there is none that can be read. */
  report: z
    .object({ sha256: z.string(), passed: z.boolean(), failures: z.array(z.string()), ended: z.string() })
    .nullable(),
  /** Oldest first. */
  history: z.array(modelStateChange),
});
export type ModelStanding = z.infer<typeof modelStanding>;

const standing = z.object({
  model: z.string(),
  version: z.string(),
  weightsSha256: z.string(),
  path: z.string(),
  standing: modelStanding,
});

/** Accepts a candidate whose report passed; it is then the default of its contrast pair and scale. */
export const modelsAccept = {
  request: z.object({
    /** An id of the site's models, or the path of a package: a copy of it is taken into the site's models. */
    model: z.string(),
    /** Who accepts. */
    by: userName,
    notes,
  }),
  result: standing,
};

export const modelsRetire = {
  request: z.object({ model: z.string(), by: userName, notes }),
  result: standing,
};

/** Retires the default of a contrast pair and scale, named by itself; the one before it is the default again. */
export const modelsRollback = {
  request: z.object({ model: z.string(), by: userName, notes }),
  result: z.object({
    retired: standing,
    /** The id of the default now; null where there is none for these scans. */
    now: z.string().nullable(),
  }),
};

/** Writes a package, with its report, as one file. */
export const modelsExportPackage = {
  request: z.object({
    model: z.string(),
    /** A new file. */
    out: z.string(),
    by: userName.optional(),
  }),
  result: z.object({
    path: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    files: z.array(z.string()),
  }),
};

/** Takes a package from one file, checked, into the site's models, as a candidate. */
export const modelsImportPackage = {
  request: z.object({ path: z.string(), by: userName.optional() }),
  result: standing,
};

/** The acceptance report in a package, as its page and its PDF say it: text and tables. */
export const modelsReport = {
  request: z.object({ model: z.string() }),
  result: z.object({
    model: z.string(),
    title: z.string(),
    passed: z.boolean(),
    /** Of acceptance.json in the package. */
    sha256: z.string(),
    sections: z.array(
      z.object({
        title: z.string(),
        notes: z.array(z.string()),
        table: z
          .object({
            columns: z.array(z.string()),
            /** Columns from the left that are text; the others are numbers. */
            textColumns: z.int(),
            rows: z.array(z.array(z.string())),
          })
          .optional(),
      }),
    ),
  }),
};
export type ModelsReport = z.infer<typeof modelsReport.result>;
