import * as z from 'zod';
import { deviceChoice, deviceKind, fallBack, packageVersion, scaleFactor } from './schemas.ts';

/** Preparing data to train on, and training. */

const splitCount = z.object({
  patients: z.number().int(),
  cases: z.number().int(),
  slices: z.number().int(),
});

/** How scans lie in folders: a folder a case; the file names of IXI and of BraTS; DICOM studies. */
export const dataLayout = z.enum(['folders', 'ixi', 'brats', 'dicom']);

/** Turns cases into slices to train on, split by patient, with a manifest of hashes. */
export const dataPrepare = {
  request: z.object({
    /** Folders: cases, folders of cases, a collection as it was unpacked, DICOM studies. */
    sources: z.array(z.string()).min(1),
    /** Of all sources; by what is found in each of them where `auto`. */
    layout: z.enum(['auto', ...dataLayout.options]).default('auto'),
    /** Names of the volumes of a case. */
    target: z.string().default('t2'),
    /** None for single images. */
    reference: z.string().optional(),
    /** Where to; only a list does without. */
    out: z.string().default(''),
    /** Say what would be used, and write nothing: no voxels are read. */
    list: z.boolean().default(false),
    /** The folder's name where absent. */
    name: z.string().optional(),
    /** Patients kept from training, by name. */
    validation: z.array(z.string()).default([]),
    test: z.array(z.string()).default([]),
    /** Shares of the other patients, drawn by the seed. */
    validationShare: z.number().min(0).max(1).default(0),
    testShare: z.number().min(0).max(1).default(0),
    seed: z.number().int().default(1),
    /** Slices of the acquired plane; of nearly isotropic volumes those of all three. */
    planes: z.enum(['acquired', 'all']).default('acquired'),
    /** Pixel sizes, mm, that training slices of finer ones are reduced to as well. */
    alsoAtMm: z.array(z.number().positive()).default([]),
    /** Headers and a registration judged, the better taken; the headers judged; the headers unseen. */
    registration: z.enum(['auto', 'headers', 'headers-unchecked']).default('auto'),
    /** Cases with fewer slices that show enough of a patient are left out. */
    leastSlices: z.number().int().positive().default(3),
    /** Manifest of a locked test set, none of whose cases is trained on or validated on. */
    locked: z.string().optional(),
  }),
  result: z.object({
    /** Empty for a list, as are the hash and all counts of slices. */
    path: z.string(),
    /** Of the manifest. */
    sha256: z.string(),
    bytes: z.number(),
    layouts: z.array(z.object({ source: z.string(), layout: dataLayout })),
    /** Cases that are used, or would be. */
    cases: z.array(
      z.object({
        name: z.string(),
        patient: z.string(),
        split: z.enum(['train', 'validation', 'test']),
        /** Where it is on this disk. */
        path: z.string(),
        /** The file or series that it is read from. */
        target: z.string(),
        reference: z.string().optional(),
        notes: z.array(z.string()),
      }),
    ),
    train: splitCount,
    validation: splitCount,
    test: splitCount,
    leftOut: z.array(z.object({ name: z.string(), patient: z.string().optional(), reason: z.string() })),
  }),
};

/**
 * Trains a network and writes a model package. What is not said is as the recipe has it: `workstation`, widths and
 * settings that two cores train in hours, or `paper`, the paper's own sizes, loss and optimiser.
 */
export const train = {
  request: z.object({
    network: z.string(),
    recipe: z.enum(['workstation', 'paper']).default('workstation'),
    /** Of the network, over those of the recipe. */
    options: z.record(z.string(), z.unknown()).default({}),
    scale: scaleFactor,
    /** A folder that `data prepare` wrote. */
    data: z.string().optional(),
    /** Or cases as they are, their references where the headers place them; and cases to validate on. */
    cases: z.array(z.string()).default([]),
    validation: z.array(z.string()).default([]),
    /** Manifest of a locked test set: training refuses its cases. */
    locked: z.string().optional(),
    /** Names of the volumes of a case; those of the data where there are some. */
    target: z.string().optional(),
    reference: z.string().optional(),
    /** How long: so many steps, or as many as these minutes allow here. */
    steps: z.number().int().positive().optional(),
    minutes: z.number().positive().optional(),
    batch: z.number().int().positive().optional(),
    patch: z.number().int().positive().optional(),
    learningRate: z.number().positive().optional(),
    /** Mean absolute error, mean squared error, the first plus ten times the second, or that of the network's paper. */
    loss: z.enum(['l1', 'mse', 'l1+mse', 'paper']).optional(),
    seed: z.number().int().default(1),
    optimizer: z.enum(['adam', 'adamw']).optional(),
    /** Of AdamW; norms and biases do not decay. */
    weightDecay: z.number().min(0).optional(),
    /** The most that the gradients' global norm may be; 0: not clipped. */
    clipNorm: z.number().min(0).optional(),
    /** Decay of the weights' moving average, which then is what the package gets (0: none); steps before it begins. */
    ema: z.number().min(0).lt(1).optional(),
    emaStart: z.number().int().min(0).default(0),
    /** How the learning rate goes on after its rise: kept, tenfold down at 1/2 and 3/4, a cosine down to 1 %. */
    schedule: z.enum(['constant', 'step', 'cosine']).optional(),
    /** Steps of that rise; a tenth of all at most. */
    warmUp: z.number().int().min(0).optional(),
    /** Variations over the defaults, or none but turning and mirroring. */
    augmentation: z.union([z.literal('none'), z.record(z.string(), z.unknown())]).optional(),
    /** Parts of a batch whose gradients are computed apart, on as many cores; 1: one step, one core. */
    shards: z.number().int().positive().optional(),
    /** Compute the network's blocks again on the way back: less memory, more time, the same weights. */
    recompute: z.boolean().default(false),
    device: deviceChoice.default('cpu'),
    /** Steps between two validations; a twentieth of all where absent, fewer than that where minutes are given and few. */
    validateEvery: z.number().int().positive().optional(),
    /** Stop after so many validations without a better one. */
    patience: z.number().int().positive().optional(),
    /** Keep the weights that were best in validation, or the last. */
    keep: z.enum(['best', 'last']).default('best'),
    /** Weights to begin with, as far as they fit: a shipped model's id, or the path of a package, of the same network. */
    init: z.string().optional(),
    out: z.string(),
    /** Id of the package; the folder's name where absent. */
    id: z.string().optional(),
    version: packageVersion,
    /** How the package stores its weights. */
    precision: z.enum(['float32', 'float16']).default('float32'),
    /** Cases that the finished model is measured on, for its card; those trained on are marked there. */
    measure: z.array(z.string()).default([]),
    /** Licence of the weights, and what the data's licences ask to be said beside them. */
    licence: z.string().default('unknown: whoever trained it decides'),
    notices: z.array(z.string()).default([]),
    /** What the model is known not to do, for its card. */
    limits: z.array(z.string()).default([]),
    /** Go on from the checkpoint in this folder. */
    resume: z.boolean().default(false),
    checkpointSeconds: z.number().positive().default(120),
  }),
  result: z.object({
    model: z.string(),
    path: z.string(),
    steps: z.number().int(),
    seconds: z.number(),
    firstLoss: z.number(),
    lastLoss: z.number(),
    /** What the weights kept gain over zero-filling on the validation patients, dB; null without any. */
    gain: z.number().nullable(),
    gainInside: z.number().nullable(),
    /** The step whose weights were kept. */
    keptStep: z.number().int(),
    device: deviceKind,
    /** What the training was foretold to take, beyond the cases. */
    memoryMb: z.number(),
    /** Operators that the device cannot run, so that the CPU did. */
    fallBacks: z.array(fallBack),
  }),
};
