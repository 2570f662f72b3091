import * as z from 'zod';
import { modelsJudge } from './acceptance.ts';
import { align, givenTransform, judgeAlignment } from './aligning.ts';
import { auditShow, auditVerify } from './auditing.ts';
import { exportCompanion } from './companions.ts';
import { segmentationCompare, segmentationCorrect, segmentationExport } from './contours.ts';
import { convert } from './converting.ts';
import { deidentification, deidentify, previewDeidentification } from './deidentification.ts';
import { diagnostics } from './diagnostics.ts';
import { enhancedSoFar } from './enhancedSoFar.ts';
import { enhanceRequest, enhanceResult, writtenSeries } from './enhancing.ts';
import { estimateEnhancing } from './estimating.ts';
import { evaluateRequest, evaluateResult } from './evaluation.ts';
import { fileKind } from './fileKinds.ts';
import { finetune, finetuneControl, finetunePlan, finetuneStatus } from './finetune.ts';
import { finetuneCases } from './finetuneCases.ts';
import { jobsCancel, jobsClear, jobsList, jobsRetry, jobsSubmit } from './jobs.ts';
import { alignmentKeep, alignmentRecall } from './keptAlignments.ts';
import { labelmap } from './labelmaps.ts';
import {
  libraryAcknowledge,
  libraryAdd,
  libraryEnhancement,
  libraryForget,
  libraryRelocate,
  libraryRemoveResults,
  librarySearch,
  libraryStudy,
  libraryThumbnail,
} from './library.ts';
import { modelsMeasure, unseenGain } from './measuring.ts';
import { modelDetails } from './modelDetails.ts';
import {
  modelStanding,
  modelsAccept,
  modelsExportPackage,
  modelsImportPackage,
  modelsReport,
  modelsRetire,
  modelsRollback,
} from './modelStates.ts';
import {
  pacsDestinations,
  pacsEcho,
  pacsFind,
  pacsGet,
  pacsMove,
  pacsReceive,
  pacsRemoveDestination,
  pacsSaveDestination,
  pacsStore,
} from './pacs.ts';
import { phantom } from './phantom.ts';
import { practice } from './practising.ts';
import { recall, recallOfStudy, remember, rememberOfStudy } from './remembering.ts';
import { casePage, savePicture } from './reporting.ts';
import {
  contrastName,
  deviceChoice,
  deviceKind,
  dicomForm,
  exportCompanions,
  fallBack,
  packageVersion,
  type pairSuggestion,
  refusedFile,
  registrationReport,
  scaleFactor,
  seriesSelector,
  sliceAxis,
  studySummary,
  vec3,
} from './schemas.ts';
import { evaluateSegmentation } from './segmentationEvaluation.ts';
import { trainSegmentation } from './segmentationTraining.ts';
import { segment, segmentationImport, segmentationModels } from './segmenting.ts';
import { dataPrepare, train } from './training.ts';
import { validateExport, validationReport } from './validating.ts';
import { volumeResult } from './volumes.ts';

/**
 * What may be asked of the workstation. Every operation has a request and a result, each with its
 * schema; all report progress and can be cancelled. The three shells (window, browser, command line)
 * speak nothing else.
 */

const modelSummary = z.object({
  id: z.string(),
  path: z.string(),
  network: z.string(),
  scale: scaleFactor,
  target: contrastName,
  reference: contrastName.nullable(),
  version: z.string(),
  usesReference: z.boolean(),
  parameters: z.number().int(),
  intendedUse: z.string(),
  licence: z.string(),
  /** SHA-256 of weights.safetensors, hex. */
  weightsSha256: z.string(),
  standing: modelStanding,
  /** Null where the card has no case that it was not trained on. */
  unseenGain: unseenGain.nullable(),
  /** What the card knows, as data. */
  details: modelDetails,
  card: z.string(),
});

export const operations = {
  list: {
    request: z.object({ paths: z.array(z.string()).min(1) }),
    result: z.object({ studies: z.array(studySummary), refused: z.array(refusedFile) }),
  },
  /** The folders below one folder, for a dialog where the shell has none of its own. */
  browse: {
    request: z.object({
      path: z.string().optional(),
      /** List the files that can be this, and take the path of a file for its folder. */
      files: fileKind.optional(),
    }),
    result: z.object({
      path: z.string(),
      /** The file that was named, where it was one. */
      file: z.string().optional(),
      parent: z.string().nullable(),
      folders: z.array(z.object({ name: z.string(), path: z.string() })),
      /** Files that could be images, or what was asked for, by name. */
      files: z.array(z.object({ name: z.string(), path: z.string() })),
    }),
  },
  /** The voxels of a series, or of an enhanced series, on a regular grid for viewing. */
  volume: {
    request: z.union([
      z.object({ kind: z.literal('series'), series: seriesSelector }),
      z.object({ kind: z.literal('enhanced'), id: z.string() }),
      /** The target zero-filled, on the enhanced grid: what interpolation alone gives. */
      z.object({ kind: z.literal('zero-filled'), id: z.string() }),
      /** The reference as the network saw it, on the enhanced grid. */
      z.object({ kind: z.literal('aligned-reference'), id: z.string() }),
      /** What `segment` found, on the grid of its image: labels, probability or agreement of the mirrored images. */
      z.object({
        kind: z.literal('segmentation'),
        id: z.string(),
        what: z.enum(['labels', 'probability', 'agreement']).default('labels'),
      }),
    ]),
    result: volumeResult,
  },
  labelmap,
  register: {
    request: z.object({
      fixed: seriesSelector,
      moving: seriesSelector,
      /** Where to write the transform (.tfm, ITK, LPS, fixed to moving). */
      out: z.string(),
      resampled: z.string().optional(),
      /** Refine from here (fixed to moving) instead of searching. */
      start: givenTransform.optional(),
    }),
    result: z.object({
      registration: registrationReport,
      transform: z.string(),
      resampled: z.string().nullable(),
      /** Rows of the 4 × 4 matrix that takes fixed LPS points to moving ones. */
      matrix: z.array(z.array(z.number())),
      seconds: z.number(),
    }),
  },
  align,
  judgeAlignment,
  enhance: { request: enhanceRequest, result: enhanceResult },
  enhancedSoFar,
  estimateEnhancing,
  segment,
  segmentationCompare,
  segmentationCorrect,
  segmentationExport,
  segmentationModels,
  segmentationImport,
  trainSegmentation,
  evaluateSegmentation,
  export: {
    request: z.object({
      id: z.string(),
      out: z.string(),
      format: z.enum(['dicom', 'nifti']),
      as: dicomForm.default('source'),
      deidentify: deidentification.optional(),
      companions: exportCompanions.default([]),
    }),
    result: z.object({
      output: writtenSeries,
      clipped: z.number().int(),
      /** The check of what was written; null for NIfTI. */
      validation: validationReport.nullable(),
      seconds: z.number(),
      /** What should be known of it, such as an audit log that could not be written. */
      warnings: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
    }),
  },
  degrade: {
    request: z.object({
      input: z.string(),
      scale: scaleFactor,
      out: z.string(),
      plane: sliceAxis.optional(),
    }),
    result: z.object({ path: z.string(), size: vec3, spacingMm: vec3, originLps: vec3 }),
  },
  convert,
  evaluate: { request: evaluateRequest, result: evaluateResult },
  exportCompanion,
  validateExport,
  deidentify,
  previewDeidentification,
  dataPrepare,
  finetuneCases,
  finetune,
  finetunePlan,
  finetuneStatus,
  finetuneControl,
  train,
  /** The devices that a network can run on, and why one that is not here is not. */
  devices: {
    request: z.object({}),
    result: z.object({
      devices: z.array(
        z.object({
          device: deviceKind,
          name: z.string(),
          available: z.boolean(),
          /** In words: how fast it is, or why it cannot be used. */
          reason: z.string(),
          /** What to do where it cannot be used. */
          hint: z.string().optional(),
          /** The same convolutions on the device, and on all cores of the CPU. */
          deviceMs: z.number().optional(),
          cpuMs: z.number().optional(),
        }),
      ),
      /** What `auto` takes, and why. */
      automatic: z.object({ device: deviceKind, reason: z.string() }),
    }),
  },
  /** Makes a model package of weights that were trained elsewhere. */
  modelsImport: {
    request: z.object({
      network: z.string(),
      /** As a card has them; `scale` may stand among them. */
      options: z.record(z.string(), z.unknown()).default({}),
      scale: scaleFactor.optional(),
      /** A safetensors file, or an ONNX model with its initialisers. */
      weights: z.string(),
      out: z.string(),
      id: z.string().optional(),
      version: packageVersion,
      target: contrastName.default('unknown'),
      reference: contrastName.default('unknown'),
      licence: z.string().default('unknown: ask whoever trained it'),
      notices: z.array(z.string()).default([]),
    }),
    result: z.object({
      model: z.string(),
      path: z.string(),
      network: z.string(),
      parameters: z.number().int(),
    }),
  },
  /** What a network, or the network of a package, is and costs. */
  modelsDescribe: {
    request: z.object({
      /** A shipped model's id, or the path of a model package; or a network by itself. */
      model: z.string().optional(),
      network: z.string().optional(),
      options: z.record(z.string(), z.unknown()).default({}),
      scale: scaleFactor.optional(),
      /** Of the enhanced image; 240 × 240 where absent, square where only the rows are given. */
      rows: z.number().int().min(16).max(4096).optional(),
      columns: z.number().int().min(16).max(4096).optional(),
    }),
    result: z.object({
      network: z.string(),
      description: z.string(),
      options: z.record(z.string(), z.unknown()),
      scale: scaleFactor,
      usesReference: z.boolean(),
      sees: z.enum(['neighbourhood', 'whole image']),
      haloPx: z.number(),
      rows: z.number().int(),
      columns: z.number().int(),
      /** Trained values. */
      parameters: z.number().int(),
      tensors: z.array(
        z.object({ path: z.string(), shape: z.array(z.number().int()), trained: z.boolean() }),
      ),
      /** Names of raw tensors, for `models run`. */
      inputs: z.array(z.string()),
      outputs: z.array(z.string()),
      /** For one image: as the papers count, and all of them. */
      multiplyAccumulates: z.object({
        asInPapers: z.number(),
        all: z.number(),
        byOperator: z.array(z.object({ operator: z.string(), multiplyAccumulates: z.number() })),
      }),
      /** Of one worker. */
      memoryMb: z.number(),
      devices: z.array(
        z.object({
          device: deviceKind,
          available: z.boolean(),
          /** ONNX nodes by operator, in the form that this device is given. */
          operators: z.record(z.string(), z.number().int()),
          /** Whether it runs all of them; null where it is not here to be asked. */
          whole: z.boolean().nullable(),
          fallBacks: z.array(fallBack),
        }),
      ),
    }),
  },
  modelsMeasure,
  modelsJudge,
  /** Runs a model package on raw tensors, to compare it with another implementation. */
  modelsRun: {
    request: z.object({
      /** A shipped model's id, or the path of a model package. */
      model: z.string(),
      /** A safetensors file; what is called `input_…` in it is read. */
      inputs: z.string(),
      out: z.string(),
      device: deviceChoice.default('cpu'),
      /** Write the features inside as well, where the network names some. */
      intermediates: z.boolean().default(false),
    }),
    result: z.object({
      path: z.string(),
      device: z.string(),
      outputs: z.array(z.object({ name: z.string(), shape: z.array(z.number().int()) })),
      seconds: z.number(),
    }),
  },
  models: {
    request: z.object({}),
    result: z.object({
      models: z.array(modelSummary),
      refused: z.array(refusedFile),
    }),
  },
  modelsAccept,
  modelsRetire,
  modelsRollback,
  modelsExportPackage,
  modelsImportPackage,
  modelsReport,
  auditVerify,
  auditShow,
  diagnostics,
  casePage,
  savePicture,
  pacsDestinations,
  pacsSaveDestination,
  pacsRemoveDestination,
  pacsEcho,
  pacsFind,
  pacsGet,
  pacsMove,
  pacsStore,
  pacsReceive,
  libraryAdd,
  librarySearch,
  libraryStudy,
  libraryThumbnail,
  libraryForget,
  libraryRelocate,
  libraryEnhancement,
  libraryRemoveResults,
  libraryAcknowledge,
  alignmentKeep,
  alignmentRecall,
  jobsSubmit,
  jobsList,
  jobsCancel,
  jobsRetry,
  jobsClear,
  remember,
  recall,
  rememberOfStudy,
  recallOfStudy,
  phantom,
  practice,
} as const;

export type OperationName = keyof typeof operations;
/** What a caller may leave out has a default. */
export type RequestInput<N extends OperationName> = z.input<(typeof operations)[N]['request']>;
export type Request<N extends OperationName> = z.output<(typeof operations)[N]['request']>;
export type Result<N extends OperationName> = z.output<(typeof operations)[N]['result']>;

export type Pair = z.infer<typeof pairSuggestion>;
