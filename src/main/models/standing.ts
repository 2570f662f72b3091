import { join, sep } from 'node:path';
import type { ModelStanding, ModelState } from '../../core/contract/modelStates.ts';
import { toErrorData } from '../../core/errors.ts';
import { inPassing, library } from '../library/library.ts';
import type { Database } from '../library/sqlite.ts';
import { shippedModelsFolder } from '../paths.ts';
import { readAcceptance } from './acceptanceFile.ts';
import type { ModelCard } from './card.ts';
import { acceptedFor, historyOf } from './historyRows.ts';
import { modelIdentity, modelSlot } from './identity.ts';
import type { CardedModel } from './listModelPackages.ts';
import { loadModelCard, type ModelPackage } from './loadModelPackage.ts';
import { unseenGainOf } from './measuredNumbers.ts';

/**
 * The state of a model. Where the library cannot be read, a model that does not ship is a candidate: its images
 * are marked once too often, not once too little.
 */
export async function stateOf({ card }: Pick<ModelPackage, 'card'>): Promise<ModelState> {
  if (await isShipped(card)) return 'shipped';
  return inPassing((kept) => kept.use((database) => keptState(database, modelIdentity(card)))) ?? 'candidate';
}

/** Of a model that does not ship. */
export function keptState(database: Database, identity: string): ModelState {
  return historyOf(database, identity).at(-1)?.state ?? 'candidate';
}

/** Whether it is a shipped package or a copy of one. */
export async function isShipped(card: ModelCard): Promise<boolean> {
  const own = await loadModelCard(join(shippedModelsFolder, card.id)).catch(() => undefined);
  return own !== undefined && modelIdentity(own) === modelIdentity(card);
}

/** The standing of one model among others. @param all those that could be defaults: shipped ones and the site's. */
export async function standingOf(model: ModelPackage, all: readonly CardedModel[]): Promise<ModelStanding> {
  const { card } = model;
  const identity = modelIdentity(card);
  const shipped = await isShipped(card);
  const { history, accepted } = library().use((database) => ({
    history: historyOf(database, identity),
    accepted: acceptedFor(database, modelSlot(card)),
  }));
  const order = defaultsInOrder(card, all, accepted);
  const place = order.findIndex((one) => modelIdentity(one.card) === identity);
  return {
    state: shipped ? 'shipped' : (history.at(-1)?.state ?? 'candidate'),
    isDefault: place === 0,
    predecessor: place < 0 || shipped ? null : (order[place + 1]?.id ?? null),
    parent: card.training?.initialisedFrom?.id ?? null,
    dataSha256: card.training?.data?.manifestSha256 ?? null,
    report: await reportOf(model),
    history,
  };
}

/**
 * The models that are, or in turn would be, the default of a contrast pair and scale: what the site accepted last
 * comes first, then of those that ship the one with the largest gain measured on patients that it never saw.
 */
export function defaultsInOrder(
  scans: Pick<ModelCard, 'contrasts' | 'scale'>,
  all: readonly CardedModel[],
  accepted: readonly string[],
): CardedModel[] {
  const slot = modelSlot(scans);
  const fitting = all.filter(({ card }) => modelSlot(card) === slot);
  const ofSite = accepted.flatMap((identity) => {
    const found = fitting.find(({ card }) => modelIdentity(card) === identity);
    return found === undefined ? [] : [found];
  });
  const shipped = fitting
    .filter(({ path }) => path.startsWith(shippedModelsFolder + sep))
    .map((model) => ({ model, gain: unseenGainOf(model.card)?.psnrInside ?? Number.NEGATIVE_INFINITY }))
    .reduce<{ model: CardedModel; gain: number } | undefined>(
      (best, one) => (best === undefined || one.gain > best.gain ? one : best),
      undefined,
    );
  return [...ofSite, ...(shipped === undefined ? [] : [shipped.model])];
}

/** A report that cannot be believed is told as one that did not pass. */
async function reportOf(model: ModelPackage): Promise<ModelStanding['report']> {
  try {
    const found = await readAcceptance(model);
    if (found === undefined) return null;
    const { passed, failures, ended } = found.report;
    return { sha256: found.sha256, passed, failures, ended };
  } catch (error) {
    return { sha256: '', passed: false, failures: [toErrorData(error).message], ended: '' };
  }
}
