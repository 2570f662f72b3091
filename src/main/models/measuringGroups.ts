import type { Request } from '../../core/contract/operations.ts';
import { TandemError } from '../../core/errors.ts';
import { networkNamed } from '../../core/networks/index.ts';
import type { ModelPackage } from './loadModelPackage.ts';

/** Packages that are measured together, on images read, degraded and interpolated once. */
export interface MeasuringGroup {
  /** Names of the volumes of a case; no reference where none of the models uses one. */
  readonly target: string;
  readonly reference: string | undefined;
  readonly scale: 2 | 4;
  readonly models: readonly ModelPackage[];
}

type Named = Pick<Request<'modelsMeasure'>, 'target' | 'reference'>;

/**
 * Packages by scale and contrasts: those asked for, else those of each card. Models of single images join those
 * of their target that use a reference, where there are some. Throws `usage` where a card does not say a
 * contrast that is not asked for either.
 */
export function groupsToMeasure(models: readonly ModelPackage[], asked: Named): MeasuringGroup[] {
  const groups = new Map<string, Omit<MeasuringGroup, 'models'> & { models: ModelPackage[] }>();
  const guided = models.filter(({ card }) => networkNamed(card.network).usesReference);
  const single = models.filter((model) => !guided.includes(model));
  for (const model of [...guided, ...single]) {
    const { scale, contrasts } = model.card;
    const target = asked.target ?? contrastOnCard(model, 'target', contrasts.target);
    const reference = guided.includes(model)
      ? (asked.reference ?? contrastOnCard(model, 'reference', contrasts.reference))
      : undefined;
    const host = [...groups.values()].find(
      (group) =>
        group.scale === scale &&
        group.target === target &&
        (reference === undefined || group.reference === reference),
    );
    if (host !== undefined) host.models.push(model);
    else groups.set(`${target} ${reference} ${scale}`, { target, reference, scale, models: [model] });
  }
  return [...groups.values()];
}

/** How a group is called in messages: `t2 ← t1 ×2`. */
export function titleOf({ target, reference, scale }: MeasuringGroup): string {
  return `${target}${reference === undefined ? '' : ` ← ${reference}`} ×${scale}`;
}

function contrastOnCard(
  { id, path }: ModelPackage,
  role: 'target' | 'reference',
  name: string | null,
): string {
  if (name !== null && name !== 'unknown') return name;
  throw new TandemError('usage', `The card of ${id} does not say what contrast its ${role} has`, {
    path,
    hint: `Name the ${role} of the cases with --${role}.`,
  });
}
