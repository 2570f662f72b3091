import { acceptanceSections, acceptanceTitle } from '../../core/acceptance/sections.ts';
import type { Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import type { Handler } from '../host/handler.ts';
import { library } from '../library/library.ts';
import { isSegmentationModel } from '../segmentation/packages/kindOf.ts';
import { acceptSegmentation, retireSegmentation } from '../segmentation/stateOfPackage.ts';
import { type ReadReport, readAcceptance } from './acceptanceFile.ts';
import { acceptedFor } from './historyRows.ts';
import { modelIdentity, modelSlot, statedModel } from './identity.ts';
import { listModelCards } from './listModelPackages.ts';
import { loadModelPackage, type ModelPackage } from './loadModelPackage.ts';
import { modelEvidence } from './modelEvidence.ts';
import { isOfSite, takenIn } from './siteModels.ts';
import { defaultsInOrder, isShipped, standingOf } from './standing.ts';
import { type ChangedModel, changeState } from './stateChange.ts';

type Standing = Result<'modelsAccept'>;

/**
 * Accepts a model on its report; a segmentation model on what was measured of it (`acceptSegmentation`). The change,
 * and its entry in the audit log, are made together or not at all.
 * @throws TandemError `usage` (it ships, or is accepted already), `bad-model` (no report, or it did not pass)
 */
export const acceptOperation: Handler<'modelsAccept'> = async (request) => {
  if (await isSegmentationModel(request.model)) return acceptSegmentation(request);
  const given = await loadModelPackage(request.model);
  await refuseShipped(given, 'accepted');
  const judged = passedReport(given, await readAcceptance(given));
  const model = await takenIn(given);
  // What was taken in is what is accepted: it is read again.
  const report = passedReport(model, await readAcceptance(model));
  if (report.sha256 !== judged.sha256) {
    throw new TandemError('output-exists', 'This model was taken in before with another acceptance report', {
      path: model.path,
      hint: `Accept the one that was taken in: tandem models accept ${model.id}`,
    });
  }
  changeState(statedOf(model), 'model-accepted', 'accepted', request, report.sha256, (state) => {
    if (state === 'accepted') throw new TandemError('usage', `${model.id} is accepted already`);
  });
  return answer(model);
};

/** Retires a model of the site's: it is no default any more, and what it makes is marked. */
export const retireOperation: Handler<'modelsRetire'> = async (request) => {
  if (await isSegmentationModel(request.model)) return retireSegmentation(request);
  const model = await ofSite(request.model, 'retired');
  changeState(statedOf(model), 'model-retired', 'retired', request, null, (state) => {
    if (state === 'retired') throw new TandemError('usage', `${model.id} is retired already`);
  });
  return answer(model);
};

/** Retires the default that a site accepted, and so brings its predecessor back. */
export const rollbackOperation: Handler<'modelsRollback'> = async (request) => {
  if (await isSegmentationModel(request.model)) {
    throw new TandemError(
      'usage',
      'A segmentation model is chosen by its name and is no default of any scans',
      {
        hint: 'Retire it: tandem models retire.',
      },
    );
  }
  const model = await ofSite(request.model, 'rolled back');
  const models = await listModelCards();
  changeState(statedOf(model), 'model-rolled-back', 'retired', request, null, (_, accepted) => {
    const [current] = defaultsInOrder(model.card, models, accepted);
    if (current !== undefined && modelIdentity(current.card) === modelIdentity(model.card)) return;
    throw new TandemError('usage', `${model.id} is not the default for these scans`, {
      hint: current === undefined ? 'There is none.' : `The default is ${current.id}.`,
    });
  });
  const accepted = library().use((database) => acceptedFor(database, modelSlot(model.card)));
  return {
    retired: await answer(model),
    now: defaultsInOrder(model.card, models, accepted)[0]?.id ?? null,
  };
};

/**
 * The acceptance report that a package holds, as text and tables.
 * @throws TandemError `not-found` where it holds none; `bad-model` where it is not about this model
 */
export const reportOperation: Handler<'modelsReport'> = async (request) => {
  const model = await loadModelPackage(request.model);
  const found = await readAcceptance(model);
  if (found === undefined) {
    throw new TandemError('not-found', `${model.id} has no acceptance report`, { path: model.path });
  }
  const { report, sha256 } = found;
  return {
    model: model.id,
    title: acceptanceTitle(report),
    passed: report.passed,
    sha256,
    sections: acceptanceSections(report, sha256),
  };
};

/** What a change of its state is about. */
export function statedOf({ card }: Pick<ModelPackage, 'card'>): ChangedModel {
  return { stated: statedModel(card), evidence: modelEvidence(card).model };
}

/** A model with its standing, as the contract has it. */
export async function answer(model: ModelPackage): Promise<Standing> {
  const models = await listModelCards();
  const { id, card, path, weightsSha256 } = model;
  return {
    model: id,
    version: card.version,
    weightsSha256,
    path,
    standing: await standingOf(model, models),
  };
}

function passedReport(model: ModelPackage, found: ReadReport | undefined): ReadReport {
  if (found === undefined) {
    throw new TandemError('bad-model', `${model.id} has no acceptance report`, {
      path: model.path,
      hint: 'Judge it on the locked test set first; the report, acceptance.json, belongs into the package.',
    });
  }
  if (found.report.passed) return found;
  throw new TandemError(
    'bad-model',
    `The acceptance report did not pass: ${found.report.failures.join(' ')}`,
    {
      path: model.path,
      hint: 'A model that did not pass stays a candidate.',
    },
  );
}

async function ofSite(named: string, participle: string): Promise<ModelPackage> {
  const model = await loadModelPackage(named);
  await refuseShipped(model, participle);
  if (isOfSite(model)) return model;
  throw new TandemError('usage', `${model.id} is not among the site’s models`, {
    path: model.path,
    hint: 'Only what was accepted or imported can be; a package elsewhere is a candidate.',
  });
}

async function refuseShipped({ id, card, path }: ModelPackage, participle: string): Promise<void> {
  if (!(await isShipped(card))) return;
  throw new TandemError('usage', `${id} ships with the program and cannot be ${participle}`, { path });
}
