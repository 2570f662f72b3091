import { TandemError } from '../../core/errors.ts';
import { networkNamed } from '../../core/networks/index.ts';

/** A network with its options, checked and whole. */
export interface NetworkChoice {
  readonly network: string;
  readonly options: Record<string, unknown>;
  readonly scale: 2 | 4;
}

/**
 * A network as it is named on its own: the scale may stand among the options, as in the configuration
 * files of other implementations, or beside them. Throws `usage` where it stands nowhere or differs,
 * `bad-model` for an unknown network or options that are not its own.
 */
export function networkChoice(
  network: string,
  raw: Readonly<Record<string, unknown>>,
  scale: 2 | 4 | undefined,
): NetworkChoice {
  const definition = networkNamed(network);
  const { scale: inOptions = scale, ...options } = raw;
  if (inOptions !== 2 && inOptions !== 4) {
    throw new TandemError(
      'usage',
      `The scale of ${network} is 2 or 4, not ${JSON.stringify(inOptions) ?? 'left out'}`,
      {
        hint: 'Say it with --scale, or among the options: {"scale": 2}.',
      },
    );
  }
  if (scale !== undefined && scale !== inOptions) {
    throw new TandemError('usage', `The scale is ${scale} in one place and ${inOptions} among the options`);
  }
  const parsed = definition.parseOptions(options);
  return { network, options: { ...(parsed as Record<string, unknown>) }, scale: inOptions };
}
