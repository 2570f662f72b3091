import { copyFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ModelState } from '../../core/contract/modelStates.ts';
import type { Request, Result } from '../../core/contract/operations.ts';
import { canonicalJson } from '../../core/dicom/derived/provenanceBlock.ts';
import { TandemError } from '../../core/errors.ts';
import { sha256 } from '../audit/entry.ts';
import { writeFolderAtomically } from '../export/atomic.ts';
import { dataSubfolder } from '../library/folder.ts';
import { inPassing, library } from '../library/library.ts';
import { CARD_FILE, MODEL_FILE, WEIGHTS_FILE } from '../models/card.ts';
import { historyOf } from '../models/historyRows.ts';
import type { StatedModel } from '../models/identity.ts';
import { keptState } from '../models/standing.ts';
import { type ChangedModel, changeState } from '../models/stateChange.ts';
import { ONNX_FILE, type SegmentationCard } from './packages/card.ts';
import { segmentationIds, siteSegmentationFolder } from './packages/folders.ts';
import { shipsWithProgram } from './packages/listPackages.ts';
import {
  loadSegmentationCard,
  loadSegmentationPackage,
  type SegmentationPackage,
} from './packages/loadPackage.ts';
import { unseenMeasurements } from './packages/unseenMeasurements.ts';

/**
 * States of segmentation packages, kept in the same rows as those of models that enhance. What stands for the
 * acceptance report is what was measured on patients that the model never saw (`unseenMeasurements`). None is a
 * default: a segmentation model is always chosen by name.
 */

/** The state of a package. Where the library cannot be read, one that does not ship is a candidate. */
export async function stateOfSegmentation(model: Pick<SegmentationPackage, 'card'>): Promise<ModelState> {
  if (await shipsWithProgram(model)) return 'shipped';
  const { identity } = statedOf(model.card);
  return inPassing((kept) => kept.use((database) => keptState(database, identity))) ?? 'candidate';
}

/**
 * Accepts a package on what was measured of it, and copies it whole into the site's where it is not among them.
 * @throws TandemError `usage` (it ships, or is accepted already), `bad-model` (too little is known of it, or too
 *   little good), `output-exists`
 */
export async function acceptSegmentation(request: Request<'modelsAccept'>): Promise<Result<'modelsAccept'>> {
  const given = await loadSegmentationPackage(request.model);
  await refuseShipped(given, 'accepted');
  requireMeasured(given);
  const model = await takenIn(given);
  // What was taken in is what is accepted: it is read again.
  const { sha256: measured } = requireMeasured(model);
  changeState(changed(model.card), 'model-accepted', 'accepted', request, measured, (state) => {
    if (state === 'accepted') throw new TandemError('usage', `${model.id} is accepted already`);
  });
  return standing(model);
}

/** Retires a package of the site's: what it finds is marked. Throws `usage`. */
export async function retireSegmentation(request: Request<'modelsRetire'>): Promise<Result<'modelsRetire'>> {
  const model = await loadSegmentationPackage(request.model);
  await refuseShipped(model, 'retired');
  if (!isOfSite(model)) {
    throw new TandemError('usage', `${model.id} is not among the site’s segmentation models`, {
      path: model.path,
      hint: 'Only what was accepted or imported can be; a package elsewhere is a candidate.',
    });
  }
  changeState(changed(model.card), 'model-retired', 'retired', request, null, (state) => {
    if (state === 'retired') throw new TandemError('usage', `${model.id} is retired already`);
  });
  return standing(model);
}

/** What makes a package the one that was accepted; numbers measured of it and known limits may be added. */
function statedOf(card: SegmentationCard): StatedModel {
  const { format, id, version, spec, source, envelope, weights } = card;
  return {
    ...{ id, version, weightsSha256: weights.sha256 },
    identity: sha256(canonicalJson({ format, id, version, spec, source, envelope, weights: weights.sha256 })),
    slot: `segmentation of ${spec.labels.map(({ name }) => name).join(', ')}`,
  };
}

function changed(card: SegmentationCard): ChangedModel {
  const { id, version, weights, training } = card;
  const parent = training?.initialisedFrom;
  return {
    stated: statedOf(card),
    evidence: {
      ...{ id, version, weightsSha256: weights.sha256 },
      ...(parent !== undefined && { parent: parent.id, parentSha256: parent.sha256 }),
    },
  };
}

async function standing(model: SegmentationPackage): Promise<Result<'modelsAccept'>> {
  const { id, card, path } = model;
  const { identity } = statedOf(card);
  const history = library().use((database) => historyOf(database, identity));
  const { failures, sha256: measured, patients } = unseenMeasurements(card);
  const report = { sha256: measured, passed: failures.length === 0, failures: [...failures], ended: '' };
  return {
    model: id,
    version: card.version,
    weightsSha256: card.weights.sha256,
    path,
    standing: {
      state: await stateOfSegmentation(model),
      isDefault: false,
      predecessor: null,
      parent: card.training?.initialisedFrom?.id ?? null,
      dataSha256: null,
      report: patients === 0 ? null : report,
      history,
    },
  };
}

function requireMeasured({ id, card, path }: SegmentationPackage) {
  const found = unseenMeasurements(card);
  if (found.failures.length === 0) return found;
  throw new TandemError('bad-model', `${id} cannot be accepted: ${found.failures.join(' ')}`, {
    path,
    hint: 'Measure it on other patients first: tandem evaluate-segmentation … --onto-cards.',
  });
}

async function refuseShipped(model: SegmentationPackage, participle: string): Promise<void> {
  if (!(await shipsWithProgram(model))) return;
  throw new TandemError('usage', `${model.id} ships with the program and cannot be ${participle}`, {
    path: model.path,
  });
}

function isOfSite({ path }: Pick<SegmentationPackage, 'path'>): boolean {
  return dirname(resolve(path)) === resolve(siteSegmentationFolder());
}

/** The package among the site's own that is this one: itself, or a copy that is made whole. */
async function takenIn(model: SegmentationPackage): Promise<SegmentationPackage> {
  if (isOfSite(model)) return model;
  const folder = join(dataSubfolder('segmentation-models'), model.id);
  if ((await segmentationIds()).includes(model.id)) {
    const there = await loadSegmentationCard(folder).catch(() => undefined);
    if (there !== undefined && statedOf(there).identity === statedOf(model.card).identity) {
      return loadSegmentationPackage(folder);
    }
    throw new TandemError('output-exists', `There is another segmentation model called ${model.id}`, {
      path: folder,
      hint: 'A model keeps its id for good: train or import it under another one.',
    });
  }
  await writeFolderAtomically(folder, async (temporary) => {
    for (const name of await filesOf(model)) await copyFile(join(model.path, name), join(temporary, name));
    const copy = await loadSegmentationPackage(temporary);
    if (JSON.stringify(copy.card) === JSON.stringify(model.card)) return;
    throw new TandemError('bad-model', 'The package was changed while it was copied', {
      path: model.path,
      hint: 'Try again when nothing writes there.',
    });
  });
  return loadSegmentationPackage(folder);
}

/** What makes up a package; what else lies in its folder is no part of it. */
async function filesOf({ path, card }: SegmentationPackage): Promise<string[]> {
  const present = new Set(await readdir(path));
  return [
    MODEL_FILE,
    card.source.kind === 'onnx' ? ONNX_FILE : WEIGHTS_FILE,
    ...[CARD_FILE].filter((name) => present.has(name)),
    ...card.files.map(({ name }) => name),
  ];
}
