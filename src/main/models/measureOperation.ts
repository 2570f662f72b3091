import type { EvaluateResult } from '../../core/contract/evaluation.ts';
import type { MeasureResult } from '../../core/contract/measuring.ts';
import type { Request } from '../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { networkNamed } from '../../core/networks/index.ts';
import { checkNames } from '../evaluation/chooseModels.ts';
import { naming } from '../evaluation/evaluateCase.ts';
import { ENDS_ALL, evaluateOperation } from '../evaluation/evaluateOperation.ts';
import { type FoundCase, findCases } from '../evaluation/findCases.ts';
import { checkDisturbance } from '../evaluation/otherPatient.ts';
import type { Handler } from '../host/handler.ts';
import { evaluatedNumbers } from './evaluatedNumbers.ts';
import { loadModelCard, loadModelPackage, type ModelPackage } from './loadModelPackage.ts';
import { withNumbers } from './measuredNumbers.ts';
import { groupsToMeasure, type MeasuringGroup, titleOf } from './measuringGroups.ts';
import { checkCardWritable, rewriteCard } from './writeModelPackage.ts';

type MeasuredModel = MeasureResult['models'][number];

/** Cards carry numbers of the CPU: those of graphics cards differ in their last digits. */
const DEVICE = 'cpu';

/**
 * Evaluates packages as `evaluate` does, on the CPU, references where the headers place them, and writes the
 * numbers onto their cards: a case's, what disturbed references did, and how fast it went. Packages of one
 * scale and the same contrasts are evaluated together. A card is written when all cases of its package are
 * measured; until then it is as it was, so that a measuring that was stopped has changed nothing of it.
 *
 * Throws before anything is measured: `usage`, `no-permission` (a package that cannot be written), what loading
 * and `findCases` throw. A case that cannot be measured is told in `failed`; where none can be, its error is
 * thrown. `bad-model` where a package was given other weights meanwhile.
 */
export const measureOperation: Handler<'modelsMeasure'> = async (request, job) => {
  const models = await packagesNamed(request.models);
  const groups = groupsToMeasure(models, request);
  const casesOf = new Map<MeasuringGroup, readonly FoundCase[]>();
  for (const group of groups) {
    checkNames(group.models);
    casesOf.set(group, (await findCases(request.cases, group.target)).cases);
  }
  for (const { path } of models) await checkCardWritable(path);
  await checkDisturbances(request, groups);

  const done = new Map<string, MeasuredModel>();
  const failed: MeasureResult['failed'] = [];
  const warnings = new Set<string>();
  let firstError: unknown;
  for (const group of groups) {
    const ids = group.models.map(({ id }) => id);
    let result: EvaluateResult;
    try {
      result = await evaluateGroup(request, group, groups.length === 1 ? job : naming(job, titleOf(group)));
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (ENDS_ALL.has(code) || groups.length === 1) throw error;
      firstError ??= error;
      for (const { name, path } of casesOf.get(group)!) {
        failed.push({ case: name, path, models: ids, code, message });
      }
      continue;
    }
    failed.push(...result.failed.map((one) => ({ ...one, models: ids })));
    for (const said of result.warnings) warnings.add(said);
    throwIfCancelled(job.signal);
    for (const model of group.models) done.set(model.path, await ontoCard(model, group, result));
  }
  if (done.size === 0 && firstError !== undefined) throw firstError;
  return {
    models: models.flatMap(({ path }) => done.get(path) ?? []),
    failed,
    warnings: [...warnings],
  };
};

async function packagesNamed(names: readonly string[]): Promise<ModelPackage[]> {
  const found = new Map<string, ModelPackage>();
  for (const name of names) {
    const model = await loadModelPackage(name);
    found.set(model.path, model);
  }
  return [...found.values()];
}

async function checkDisturbances(
  { disturb, otherPatient }: Request<'modelsMeasure'>,
  groups: readonly MeasuringGroup[],
): Promise<void> {
  if (!disturb) return;
  const guided = groups.filter(({ reference }) => reference !== undefined);
  if (guided.length === 0) {
    throw new TandemError('usage', 'There is no reference to disturb: none of the models uses one', {
      hint: 'Leave out --disturb, or name a model that uses a reference.',
    });
  }
  for (const { reference, models } of guided) await checkDisturbance({ reference, otherPatient }, models);
}

function evaluateGroup(
  { cases, disturb, otherPatient }: Request<'modelsMeasure'>,
  { models, target, reference, scale }: MeasuringGroup,
  job: JobContext,
): Promise<EvaluateResult> {
  const disturbed = disturb && reference !== undefined;
  return evaluateOperation(
    {
      cases,
      target,
      reference,
      scale,
      models: models.map(({ path }) => path),
      device: DEVICE,
      registration: 'none',
      disturb: disturbed,
      otherPatient: disturbed ? otherPatient : undefined,
    },
    job,
  );
}

/** Writes what was found of a model onto its card as that is now: it may have gained numbers meanwhile. */
async function ontoCard(
  model: ModelPackage,
  { target, reference }: MeasuringGroup,
  result: EvaluateResult,
): Promise<MeasuredModel> {
  const { id, path } = model;
  const card = await loadModelCard(path);
  const measuredWeights = result.models.find((one) => one.path === path)?.weightsSha256;
  if (card.id !== id || card.weights.sha256 !== measuredWeights) {
    throw new TandemError('bad-model', 'The package became another one while it was measured', {
      path,
      hint: 'Measure it again.',
    });
  }
  const numbers = evaluatedNumbers(model, result.cases);
  const written = withNumbers(card, numbers);
  await rewriteCard(path, written);
  const disturbed = new Map(numbers.robustness.map(({ case: name, rows }) => [name, rows]));
  return {
    id,
    path,
    scale: card.scale,
    target,
    reference: networkNamed(card.network).usesReference ? (reference ?? null) : null,
    measured: numbers.measured.map(({ scale: _, ...one }) => ({
      ...one,
      disturbed: disturbed.get(one.case) ?? [],
    })),
    casesOnCard: written.measured.length,
  };
}
