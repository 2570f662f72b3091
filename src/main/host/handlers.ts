import type { HostOperation } from '../desk/deskOperations.ts';
import type { Handler } from './handler.ts';

/**
 * Which room answers which operation. Each is loaded when first asked for, so that `list` does not wait for
 * onnxruntime or the registration's WebAssembly.
 */
export const handlers: { readonly [N in HostOperation]: () => Promise<Handler<N>> } = {
  list: async () => (await import('../studies/listOperation.ts')).listOperation,
  browse: async () => (await import('../studies/browseOperation.ts')).browseOperation,
  volume: async () => (await import('../superres/volumeOperation.ts')).volumeOperation,
  labelmap: async () => (await import('../studies/labelmapOperation.ts')).labelmapOperation,
  register: async () => (await import('../registration/registerOperation.ts')).registerOperation,
  align: async () => (await import('../superres/alignOperation.ts')).alignOperation,
  judgeAlignment: async () => (await import('../superres/alignOperation.ts')).judgeAlignmentOperation,
  estimateEnhancing: async () => (await import('../superres/estimateOperation.ts')).estimateOperation,
  enhancedSoFar: async () => (await import('../superres/enhancedSoFarOperation.ts')).enhancedSoFarOperation,
  enhance: async () => (await import('../superres/enhanceOperation.ts')).enhanceOperation,
  segment: async () => (await import('../segmentation/segmentOperation.ts')).segmentOperation,
  segmentationCompare: async () => (await import('../segmentation/compareOperation.ts')).compareOperation,
  segmentationCorrect: async () => (await import('../segmentation/correctOperation.ts')).correctOperation,
  segmentationExport: async () =>
    (await import('../segmentation/exportOperation.ts')).segmentationExportOperation,
  segmentationModels: async () =>
    (await import('../segmentation/modelsOperation.ts')).segmentationModelsOperation,
  segmentationImport: async () =>
    (await import('../segmentation/importOperation.ts')).segmentationImportOperation,
  trainSegmentation: async () =>
    (await import('../segmentation/training/trainOperation.ts')).trainSegmentationOperation,
  evaluateSegmentation: async () =>
    (await import('../segmentation/evaluation/evaluateOperation.ts')).evaluateSegmentationOperation,
  export: async () => (await import('../superres/exportOperation.ts')).exportOperation,
  convert: async () => (await import('../export/convertOperation.ts')).convertOperation,
  exportCompanion: async () => (await import('../export/companionOperation.ts')).companionOperation,
  validateExport: async () => (await import('../validate/validateOperation.ts')).validateOperation,
  deidentify: async () => (await import('../deidentify/deidentifyOperation.ts')).deidentifyOperation,
  previewDeidentification: async () =>
    (await import('../superres/previewDeidentificationOperation.ts')).previewDeidentificationOperation,
  degrade: async () => (await import('../evaluation/degradeOperation.ts')).degradeOperation,
  evaluate: async () => (await import('../evaluation/evaluateOperation.ts')).evaluateOperation,
  dataPrepare: async () => (await import('../training/data/prepareOperation.ts')).prepareOperation,
  finetuneCases: async () => (await import('../finetune/casesOperation.ts')).casesOperation,
  finetune: async () => (await import('../finetune/finetuneOperation.ts')).finetuneOperation,
  finetunePlan: async () => (await import('../finetune/plan/planOperation.ts')).finetunePlanOperation,
  finetuneStatus: async () => (await import('../finetune/watchOperations.ts')).finetuneStatusOperation,
  finetuneControl: async () => (await import('../finetune/watchOperations.ts')).finetuneControlOperation,
  train: async () => (await import('../training/trainOperation.ts')).trainOperation,
  devices: async () => (await import('../runtime/devicesOperation.ts')).devicesOperation,
  modelsImport: async () => (await import('../models/importOperation.ts')).importOperation,
  modelsDescribe: async () => (await import('../models/describeOperation.ts')).describeOperation,
  modelsMeasure: async () => (await import('../models/measureOperation.ts')).measureOperation,
  modelsJudge: async () => (await import('../finetune/acceptance/judgeOperation.ts')).judgeOperation,
  modelsRun: async () => (await import('../models/runOperation.ts')).runOperation,
  models: async () => (await import('../models/modelsOperation.ts')).modelsOperation,
  modelsAccept: async () => (await import('../models/stateOperations.ts')).acceptOperation,
  modelsRetire: async () => (await import('../models/stateOperations.ts')).retireOperation,
  modelsRollback: async () => (await import('../models/stateOperations.ts')).rollbackOperation,
  modelsExportPackage: async () => (await import('../models/packageOperations.ts')).exportPackageOperation,
  modelsImportPackage: async () => (await import('../models/packageOperations.ts')).importPackageOperation,
  modelsReport: async () => (await import('../models/stateOperations.ts')).reportOperation,
  auditVerify: async () => (await import('../audit/auditOperations.ts')).auditVerifyOperation,
  auditShow: async () => (await import('../audit/auditOperations.ts')).auditShowOperation,
  casePage: async () => (await import('../report/casePageOperation.ts')).casePageOperation,
  savePicture: async () => (await import('../report/savePictureOperation.ts')).savePictureOperation,
  pacsDestinations: async () => (await import('../pacs/destinationsOperation.ts')).destinationsOperation,
  pacsSaveDestination: async () =>
    (await import('../pacs/destinationsOperation.ts')).saveDestinationOperation,
  pacsRemoveDestination: async () =>
    (await import('../pacs/destinationsOperation.ts')).removeDestinationOperation,
  pacsEcho: async () => (await import('../pacs/echoOperation.ts')).echoOperation,
  pacsFind: async () => (await import('../pacs/findOperation.ts')).findOperation,
  pacsGet: async () => (await import('../pacs/getOperation.ts')).getOperation,
  pacsMove: async () => (await import('../pacs/moveOperation.ts')).moveOperation,
  pacsStore: async () => (await import('../pacs/storeOperation.ts')).storeOperation,
  pacsReceive: async () => (await import('../pacs/receiveOperation.ts')).receiveOperation,
  libraryAdd: async () => (await import('../library/operations/add.ts')).libraryAddOperation,
  librarySearch: async () => (await import('../library/operations/search.ts')).librarySearchOperation,
  libraryStudy: async () => (await import('../library/operations/search.ts')).libraryStudyOperation,
  libraryThumbnail: async () =>
    (await import('../library/operations/thumbnail.ts')).libraryThumbnailOperation,
  libraryForget: async () => (await import('../library/operations/forget.ts')).libraryForgetOperation,
  libraryRelocate: async () => (await import('../library/operations/relocate.ts')).libraryRelocateOperation,
  libraryEnhancement: async () =>
    (await import('../library/operations/search.ts')).libraryEnhancementOperation,
  libraryRemoveResults: async () =>
    (await import('../library/operations/forget.ts')).libraryRemoveResultsOperation,
  libraryAcknowledge: async () =>
    (await import('../library/operations/search.ts')).libraryAcknowledgeOperation,
  alignmentRecall: async () => (await import('../library/operations/alignment.ts')).alignmentRecallOperation,
  practice: async () => (await import('../phantom/practiceOperation.ts')).practiceOperation,
  phantom: async () => (await import('../phantom/phantomOperation.ts')).phantomOperation,
};

/** Operations that use all cores and much memory: one at a time, the others wait their turn. */
export const exclusiveOperations: ReadonlySet<HostOperation> = new Set([
  'register',
  'align',
  'enhance',
  'estimateEnhancing',
  'segment',
  'segmentationImport',
  'trainSegmentation',
  'evaluateSegmentation',
  'evaluate',
  'dataPrepare',
  'finetuneCases',
  'finetune',
  'train',
  'modelsMeasure',
  'modelsJudge',
  'modelsRun',
]);
