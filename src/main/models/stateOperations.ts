import { acceptanceSections, acceptanceTitle } from '../../core/acceptance/sections.ts';
import type { AuditKind } from '../../core/contract/auditing.ts';
import type { ModelState } from '../../core/contract/modelStates.ts';
import type { Result } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { AuditLog } from '../audit/auditLog.ts';
import { accountName } from '../audit/entry.ts';
import type { Handler } from '../host/handler.ts';
import { library } from '../library/library.ts';
import { type ReadReport, readAcceptance } from './acceptanceFile.ts';
import { acceptedFor, addChange, removeChange } from './historyRows.ts';
import { modelIdentity, modelSlot } from './identity.ts';
import { listModelCards } from './listModelPackages.ts';
import { loadModelPackage, type ModelPackage } from './loadModelPackage.ts';
import { modelEvidence } from './modelEvidence.ts';
import { isOfSite, takenIn } from './siteModels.ts';
import { defaultsInOrder, isShipped, keptState, standingOf } from './standing.ts';

type Standing = Result<'modelsAccept'>;

interface Saying {
  readonly by?: string | undefined;
  readonly notes?: string | undefined;
}

/**
 * Accepts a model on its report. The change, and its entry in the audit log, are made together or not at all.
 * @throws TandemError `usage` (it ships, or is accepted already), `bad-model` (no report, or it did not pass)
 */
export const acceptOperation: Handler<'modelsAccept'> = async (request) => {
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
  changeState(model, 'model-accepted', 'accepted', request, report.sha256, (state) => {
    if (state === 'accepted') throw new TandemError('usage', `${model.id} is accepted already`);
  });
  return answer(model);
};

/** Retires a model of the site's: it is no default any more, and what it makes is marked. */
export const retireOperation: Handler<'modelsRetire'> = async (request) => {
  const model = await ofSite(request.model, 'retired');
  changeState(model, 'model-retired', 'retired', request, null, (state) => {
    if (state === 'retired') throw new TandemError('usage', `${model.id} is retired already`);
  });
  return answer(model);
};

/** Retires the default that a site accepted, and so brings its predecessor back. */
export const rollbackOperation: Handler<'modelsRollback'> = async (request) => {
  const model = await ofSite(request.model, 'rolled back');
  const models = await listModelCards();
  changeState(model, 'model-rolled-back', 'retired', request, null, (_, accepted) => {
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

/**
 * Changes the state of a model, together with its entry.
 * @param check throws where the change cannot be made from the state that it has by then
 */
export function changeState(
  model: ModelPackage,
  kind: AuditKind,
  state: ModelState,
  { by, notes }: Saying,
  reportSha256: string | null,
  check: (state: ModelState, accepted: readonly string[]) => void,
): void {
  const { card } = model;
  new AuditLog().appendWith(
    {
      make: (database) => {
        check(keptState(database, card), acceptedFor(database, modelSlot(card)));
        return addChange(database, card, {
          state,
          user: by ?? null,
          account: accountName(),
          atMs: Date.now(),
          notes: notes ?? null,
          reportSha256,
        });
      },
      undo: removeChange,
    },
    () => {
      const { model: named } = modelEvidence(card);
      return {
        kind,
        outcome: 'done',
        model: named && { ...named, state },
        settings: { scans: modelSlot(card) },
        ...(reportSha256 !== null && { outputs: { report: reportSha256 } }),
        ...(notes !== undefined && { notes }),
      };
    },
    by,
  );
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
