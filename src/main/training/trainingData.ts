import { basename } from 'node:path';
import type { Request } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import type { ModelCard } from '../models/card.ts';
import { loadTrainingCase } from './data/pairFiles.ts';
import { openPreparedData } from './data/preparedData.ts';
import type { TrainingCase } from './data/trainingCase.ts';
import type { TrainingData } from './train.ts';

/** What a request wants to be trained and validated on. */
export interface RequestedData extends TrainingData {
  /** Names of the contrasts. */
  readonly target: string;
  /** Absent where the network takes none. */
  readonly reference: string | undefined;
  /** For the card, where the data were prepared. */
  readonly described: NonNullable<ModelCard['training']>['data'];
}

/**
 * Opens the prepared data of a request, or reads its cases as they lie. Throws `usage` where it names neither or
 * both, or a contrast that the data are not of, and what opening and reading throw.
 */
export async function requestedData(
  request: Pick<Request<'train'>, 'data' | 'cases' | 'validation' | 'target' | 'reference'>,
  usesReference: boolean,
  job: JobContext,
): Promise<RequestedData> {
  if ((request.data === undefined) === (request.cases.length === 0)) {
    throw new TandemError('usage', 'Training wants either prepared data (--data) or cases (--case)', {
      hint: 'Prepare data with: tandem data prepare.',
    });
  }
  if (request.data !== undefined) return preparedData(request.data, request, usesReference, job);
  const target = request.target ?? 't2';
  const reference = usesReference ? (request.reference ?? 't1') : undefined;
  const read = async (folders: readonly string[]): Promise<TrainingCase[]> => {
    const cases: TrainingCase[] = [];
    for (const [index, folder] of folders.entries()) {
      job.progress({ stage: 'reading', done: index, total: folders.length, message: basename(folder) });
      cases.push(await loadTrainingCase(folder, { target, reference }, job));
    }
    return cases;
  };
  const train = await read(request.cases);
  const validation = await read(request.validation);
  const both = validation.find(({ patient }) => train.some((one) => one.patient === patient));
  if (both !== undefined) {
    throw new TandemError('usage', `The patient ${both.patient} is both trained and validated on`, {
      hint: 'Keep all scans of a patient on one side.',
    });
  }
  return { train, validation, target, reference, described: undefined };
}

async function preparedData(
  folder: string,
  asked: Pick<Request<'train'>, 'validation' | 'target' | 'reference'>,
  usesReference: boolean,
  job: JobContext,
): Promise<RequestedData> {
  if (asked.validation.length > 0) {
    throw new TandemError('usage', 'Prepared data have their own validation patients', {
      path: folder,
      hint: 'Leave --validation out, or name the patients when the data are prepared.',
    });
  }
  const { manifest, sha256, cases } = await openPreparedData(folder, usesReference, job);
  for (const role of ['target', 'reference'] as const) {
    const [wanted, there] = [asked[role], manifest[role]];
    if (wanted !== undefined && wanted !== there) {
      throw new TandemError('usage', `The data have ${there ?? 'nothing'} as ${role}, not ${wanted}`, {
        path: folder,
      });
    }
  }
  const patients = (split: keyof typeof cases) => [...new Set(cases[split].map(({ patient }) => patient))];
  return {
    train: cases.train,
    validation: cases.validation,
    target: manifest.target,
    reference: usesReference ? (manifest.reference ?? undefined) : undefined,
    described: {
      name: manifest.name,
      manifestSha256: sha256,
      split: { train: patients('train'), validation: patients('validation'), test: patients('test') },
    },
  };
}
