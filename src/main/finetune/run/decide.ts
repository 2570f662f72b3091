import type { FinetuneRequest } from '../../../core/contract/finetune.ts';
import { operations, type Request } from '../../../core/contract/operations.ts';
import { contrastName } from '../../../core/contract/schemas.ts';
import { TandemError } from '../../../core/errors.ts';
import { networkNamed } from '../../../core/networks/index.ts';
import { packageId } from '../../models/card.ts';
import type { ModelPackage } from '../../models/loadModelPackage.ts';
import type { DeviceKind } from '../../runtime/devices.ts';
import { settingsOf, type TrainingSettings } from '../../training/settings.ts';

/** Half of what networks are trained with from the start: what is known is not to be unlearned first. */
const LEARNING_RATE = 5e-4;

/** The contrasts of a run: what is asked for, else those of the base's card. Throws `usage` where neither says. */
export function contrastsOf(
  request: Pick<FinetuneRequest, 'target' | 'reference'>,
  { card, path }: ModelPackage,
): { readonly target: string; readonly reference: string | undefined } {
  const said = (role: 'target' | 'reference', asked: string | undefined, known: string | null): string => {
    const name = asked ?? known;
    if (name !== null && name !== 'unknown') return name;
    throw new TandemError('usage', `The card of the base does not say what its ${role} is`, {
      path,
      hint: `Name its contrast with --${role}.`,
    });
  };
  return {
    target: said('target', request.target, card.contrasts.target),
    reference: networkNamed(card.network).usesReference
      ? said('reference', request.reference, card.contrasts.reference)
      : undefined,
  };
}

/** The training that a run is, as `tandem train` is asked for one. Throws `usage`. */
export function trainRequestOf(
  request: FinetuneRequest,
  { id: base, card }: Pick<ModelPackage, 'id' | 'card'>,
  contrasts: { readonly target: string; readonly reference: string | undefined },
  data: string,
): Request<'train'> {
  if ((request.steps === undefined) === (request.hours === undefined)) {
    throw new TandemError('usage', 'Say how long to train: either --steps or --hours');
  }
  const known = contrastName.safeParse(contrasts.target).success;
  return operations.train.request.parse({
    network: card.network,
    options: card.options,
    scale: card.scale,
    data,
    ...contrasts,
    steps: request.steps,
    minutes: request.hours === undefined ? undefined : 60 * request.hours,
    batch: request.batch,
    patch: request.patch,
    learningRate: request.learningRate ?? LEARNING_RATE,
    loss: 'l1',
    seed: request.seed,
    patience: request.patience,
    recompute: request.recompute,
    device: request.device,
    out: request.out,
    id: packageId(request.id, request.out),
    licence: request.licence ?? card.licence.weights,
    notices: [...new Set([...card.licence.notices, ...request.notices])],
    limits: [
      `Tuned from ${base} ${card.version}${known ? '' : ` for ${contrasts.target}`}: it was not tried on other scans than those of this site.`,
    ],
  });
}

/** What decides the course of the run. Throws `usage`, `bad-model`. */
export function tuningSettings(
  train: Request<'train'>,
  request: Pick<FinetuneRequest, 'change'>,
  base: Pick<ModelPackage, 'card' | 'weightsSha256'>,
  device: DeviceKind,
): TrainingSettings {
  const { network, options } = base.card;
  return {
    ...settingsOf(train, device),
    // Those of the card alone: a recipe's are another network's.
    options: networkNamed(network).parseOptions(options),
    init: base.weightsSha256,
    ...(request.change === 'last-stages' && { lastStages: true }),
  };
}
