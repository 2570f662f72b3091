import type { HostOperation } from '../desk/deskOperations.ts';

/**
 * Operations that the compute host records when they end, however they end (`recorded.ts`). Those that change the
 * state of a model are not among them: their entry and their change are one (`models/stateOperations.ts`).
 */
export const AUDITED_OPERATIONS = [
  'enhance',
  'export',
  'exportCompanion',
  'casePage',
  'train',
  'finetune',
  'modelsImport',
  'segment',
  'segmentationExport',
  'segmentationImport',
  'trainSegmentation',
] as const satisfies readonly HostOperation[];

export type AuditedOperation = (typeof AUDITED_OPERATIONS)[number];

export function isAudited(name: HostOperation): name is AuditedOperation {
  return (AUDITED_OPERATIONS as readonly HostOperation[]).includes(name);
}
