import type { OperationName } from '../../../core/contract/operations.ts';
import type { Command } from './command.ts';
import { alignCommands } from './commands/align.ts';
import { auditCommands } from './commands/audit.ts';
import { companionCommands } from './commands/companions.ts';
import { dataCommands } from './commands/data.ts';
import { deidentifyCommands } from './commands/deidentify.ts';
import { estimateCommands } from './commands/estimate.ts';
import { evaluateCommands } from './commands/evaluate.ts';
import { evaluateSegmentationCommands } from './commands/evaluateSegmentation.ts';
import { finetuneCommands } from './commands/finetune.ts';
import { jobsCommands } from './commands/jobs.ts';
import { libraryCommands } from './commands/library.ts';
import { modelStateCommands } from './commands/modelStates.ts';
import { modelsCommands } from './commands/models.ts';
import { pacsCommands } from './commands/pacs.ts';
import { phantomCommands } from './commands/phantom.ts';
import { reportCommands } from './commands/report.ts';
import { segmentCommands } from './commands/segment.ts';
import { seriesCommands } from './commands/series.ts';
import { trainCommands } from './commands/train.ts';
import { trainSegmentationCommands } from './commands/trainSegmentation.ts';
import { validateCommands } from './commands/validate.ts';

/** The command table: everything `tandem` can do, each over one operation of the contract. */
export const commands: readonly Command[] = [
  ...seriesCommands,
  ...alignCommands,
  ...estimateCommands,
  ...companionCommands,
  ...validateCommands,
  ...deidentifyCommands,
  ...segmentCommands,
  ...evaluateCommands,
  ...evaluateSegmentationCommands,
  ...dataCommands,
  ...trainCommands,
  ...trainSegmentationCommands,
  ...finetuneCommands,
  ...modelsCommands,
  ...modelStateCommands,
  ...auditCommands,
  ...pacsCommands,
  ...libraryCommands,
  ...jobsCommands,
  ...reportCommands,
  ...phantomCommands,
];

/** Names of the operations that a command reaches. */
export const commandOperations: ReadonlySet<OperationName> = new Set(commands.map((one) => one.operation));
