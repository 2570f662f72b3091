import * as z from 'zod';
import { enhanceResult } from './enhancing.ts';
import { modelState } from './modelStates.ts';
import { contrastName, deviceKind, registrationVerdict, scaleFactor, seriesSummary } from './schemas.ts';

/**
 * The library: an index of the studies that were opened, with where their files are. The files stay where they
 * are and are never changed; copies are made only on request.
 */

const librarySeries = seriesSummary
  .pick({
    uid: true,
    number: true,
    description: true,
    modality: true,
    format: true,
    size: true,
    spacingMm: true,
    orientation: true,
    path: true,
  })
  .extend({
    contrast: contrastName,
    /** Its files are not where they were: an unplugged disk, a moved folder. */
    missing: z.boolean(),
  });
export type LibrarySeries = z.infer<typeof librarySeries>;

/** One enhanced series that was made: kept in the history also when its voxels were removed. */
const enhancement = z.object({
  /** Opens it by `volume` and `export`, where it is stored. */
  id: z.string(),
  studyUid: z.string(),
  targetUid: z.string(),
  target: z.string(),
  referenceUid: z.string().nullable(),
  reference: z.string().nullable(),
  model: z.string(),
  modelVersion: z.string(),
  /** Of the model, when the series was made; absent where it was made before models had states. */
  modelState: modelState.optional(),
  scale: scaleFactor,
  device: deviceKind,
  verdict: registrationVerdict,
  madeAtMs: z.number(),
  seconds: z.number(),
  stored: z.boolean(),
  bytes: z.number(),
  /** Stored no more: by the user, or to make room. */
  removed: z.enum(['by-user', 'for-room']).nullable(),
  exports: z.array(z.object({ folder: z.string(), format: z.enum(['dicom', 'nifti']), atMs: z.number() })),
});
export type Enhancement = z.infer<typeof enhancement>;

const libraryStudySchema = z.object({
  uid: z.string(),
  description: z.string(),
  /** DICOM's YYYYMMDD; empty where there is none. */
  date: z.string(),
  patientName: z.string(),
  patientId: z.string(),
  addedAtMs: z.number(),
  openedAtMs: z.number(),
  /** What `list` is given to find it again. */
  paths: z.array(z.string()),
  /** Those of them that are not there now. */
  missingPaths: z.array(z.string()),
  /** Its files are copies in the data folder. */
  isCopy: z.boolean(),
  series: z.array(librarySeries),
  /** The latest first. */
  enhancements: z.array(enhancement),
});
export type LibraryStudy = z.infer<typeof libraryStudySchema>;

export const librarySort = z.enum(['opened', 'added', 'date', 'patient', 'description']);
export type LibrarySort = z.infer<typeof librarySort>;

const dicomDate = z.string().regex(/^\d{8}$/);

/** Keeps what files and folders hold: new studies are added, known ones brought up to date. */
export const libraryAdd = {
  request: z.object({
    paths: z.array(z.string()).min(1),
    /** Copy the files into the data folder and keep the copies: for what will not stay where it is. */
    copy: z.boolean().default(false),
  }),
  result: z.object({ studies: z.array(libraryStudySchema) }),
};

/** Studies by free text (patient, ID, description, contrasts, modality, date), dates, sorted, page by page. */
export const librarySearch = {
  request: z.object({
    /** Every word must be found. */
    text: z.string().default(''),
    /** First and last study date. */
    from: dicomDate.optional(),
    to: dicomDate.optional(),
    sort: librarySort.default('opened'),
    /** Latest or last in the alphabet first; dates begin with the latest where absent, names with the first. */
    descending: z.boolean().optional(),
    offset: z.number().int().min(0).default(0),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  result: z.object({
    /** Of all pages. */
    total: z.number().int(),
    /** In the whole library, whatever was searched for. */
    all: z.number().int(),
    studies: z.array(libraryStudySchema),
    /** A damaged library was set aside under this name, and this one begun. */
    setAside: z.object({ path: z.string(), atMs: z.number() }).nullable(),
    storage: z.object({
      /** Of stored enhanced series. */
      usedBytes: z.number(),
      limitBytes: z.number(),
    }),
  }),
};

/** One study of the library, by its UID or the beginning of it. */
export const libraryStudy = {
  request: z.object({ uid: z.string() }),
  result: z.object({ study: libraryStudySchema }),
};

/** The middle slice of a series, small, grey, 8 bits; made when first asked for, kept where the library has the series. */
export const libraryThumbnail = {
  request: z.object({
    studyUid: z.string(),
    seriesUid: z.string(),
    /** Where to look for a series that the library has not, or not yet. */
    paths: z.array(z.string()).optional(),
  }),
  result: z.object({
    size: z.tuple([z.number().int(), z.number().int()]),
    /** One byte a pixel; travels as binary. */
    voxels: z.instanceof(Uint8Array),
  }),
};

/**
 * Takes a study out of the library with everything about it that is kept here: thumbnails, stored results,
 * ended jobs, copies. Files that are not the library's own are not touched.
 */
export const libraryForget = {
  request: z.object({ uid: z.string() }),
  result: z.object({ studyUid: z.string(), resultsRemoved: z.number().int(), copiesRemoved: z.boolean() }),
};

/** Finds series that are missing, by their UIDs, below a folder that the user points to. */
export const libraryRelocate = {
  request: z.object({ path: z.string(), /** Look for this study only. */ uid: z.string().optional() }),
  result: z.object({
    /** Series that were found in the new place. */
    found: z.number().int(),
    studies: z.array(libraryStudySchema),
  }),
};

/** One enhancement of the history, with what it answered when it was made (null where that is not known any more). */
export const libraryEnhancement = {
  request: z.object({ id: z.string() }),
  result: z.object({ enhancement, result: enhanceResult.nullable() }),
};

/** Removes the voxels of stored results; that they were made stays in the history. */
export const libraryRemoveResults = {
  request: z.object({ ids: z.array(z.string()).min(1) }),
  result: z.object({ removed: z.number().int(), freedBytes: z.number() }),
};

/** Says that the message about a damaged library was read. */
export const libraryAcknowledge = { request: z.object({}), result: z.object({}) };

export const thumbnailSizePx = 96;
