import type { HostOperation } from '../desk/deskOperations.ts';

/**
 * What the audit log has to do with each operation of the compute host; one that stands here with nothing does not
 * compile. `recorded`: the host writes an entry when it ends, however it ends (`recorded.ts`): what sends or fetches
 * images, makes some, or makes a model. `with its change`: the entry and the change of a model's state are one
 * (`models/stateOperations.ts`). `none`: it answers, or keeps what only this workstation reads.
 */
export const AUDITING = {
  enhance: 'recorded',
  segment: 'recorded',
  export: 'recorded',
  segmentationExport: 'recorded',
  exportCompanion: 'recorded',
  convert: 'recorded',
  deidentify: 'recorded',
  degrade: 'recorded',
  register: 'recorded',
  casePage: 'recorded',
  savePicture: 'recorded',
  pacsStore: 'recorded',
  pacsMove: 'recorded',
  pacsGet: 'recorded',
  pacsReceive: 'recorded',
  dataPrepare: 'recorded',
  train: 'recorded',
  finetune: 'recorded',
  trainSegmentation: 'recorded',
  modelsImport: 'recorded',
  segmentationImport: 'recorded',
  modelsAccept: 'with its change',
  modelsRetire: 'with its change',
  modelsRollback: 'with its change',
  modelsExportPackage: 'with its change',
  modelsImportPackage: 'with its change',
  list: 'none',
  browse: 'none',
  volume: 'none',
  labelmap: 'none',
  align: 'none',
  judgeAlignment: 'none',
  estimateEnhancing: 'none',
  enhancedSoFar: 'none',
  segmentationModels: 'none',
  segmentationCompare: 'none',
  segmentationCorrect: 'none',
  evaluateSegmentation: 'none',
  validateExport: 'none',
  previewDeidentification: 'none',
  evaluate: 'none',
  finetuneCases: 'none',
  finetunePlan: 'none',
  finetuneStatus: 'none',
  finetuneControl: 'none',
  devices: 'none',
  modelsDescribe: 'none',
  modelsMeasure: 'none',
  modelsJudge: 'none',
  modelsRun: 'none',
  models: 'none',
  modelsReport: 'none',
  auditVerify: 'none',
  auditShow: 'none',
  pacsDestinations: 'none',
  pacsSaveDestination: 'none',
  pacsRemoveDestination: 'none',
  pacsEcho: 'none',
  pacsFind: 'none',
  libraryAdd: 'none',
  librarySearch: 'none',
  libraryStudy: 'none',
  libraryThumbnail: 'none',
  libraryForget: 'none',
  libraryRelocate: 'none',
  libraryEnhancement: 'none',
  libraryRemoveResults: 'none',
  libraryAcknowledge: 'none',
  alignmentRecall: 'none',
  practice: 'none',
  phantom: 'none',
} as const satisfies Readonly<Record<HostOperation, 'recorded' | 'with its change' | 'none'>>;

export type AuditedOperation = {
  [N in HostOperation]: (typeof AUDITING)[N] extends 'recorded' ? N : never;
}[HostOperation];

export function isAudited(name: HostOperation): name is AuditedOperation {
  return AUDITING[name] === 'recorded';
}
