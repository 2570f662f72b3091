import { TandemError } from '../errors.ts';
import { networkGraph, networkNamed } from './index.ts';

/** Scopes, by how the paths of their parameters begin, that are trained where only the last stages are. */
type Rule = (paths: readonly string[]) => readonly string[];

/** The last quarter, rounded up, of `<scope>.0`, `<scope>.1` …, as many as the network has. */
function lastQuarter(paths: readonly string[], scope: string): readonly string[] {
  const numbers = numbersOf(paths, scope);
  return numbers.slice(-Math.ceil(numbers.length / 4)).map((number) => `${scope}.${number}`);
}

/** The numbers below a scope, ascending. */
function numbersOf(paths: readonly string[], scope: string): readonly number[] {
  const found = paths.flatMap((path) => {
    const match = path.startsWith(`${scope}.`) ? /^\d+/.exec(path.slice(scope.length + 1)) : null;
    return match === null ? [] : [Number(match[0])];
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

const INTEGRATION = ['net2.la', 'net2.last_conv', 'net2.csa', 'net2.last', 'net2.final'];

/**
 * What "only the last stages" is, for each network: where features of both images are fused, or the last quarter
 * of its blocks, and all that comes behind them on the way to the enhanced image. What extracts features from the
 * images stays as it was.
 */
const RULES: Readonly<Record<string, Rule>> = {
  srcnn: () => ['mapping', 'reconstruction'],
  'srcnn-guided': () => ['mapping', 'reconstruction'],
  vdsr: (paths) => lastQuarter(paths, 'layers'),
  edsr: (paths) => [...lastQuarter(paths, 'body'), 'body_end', 'upsampler', 'tail'],
  'edsr-guided': (paths) => [...lastQuarter(paths, 'body'), 'body_end', 'tail'],
  sanet: () => INTEGRATION,
  minet: () => INTEGRATION,
  glmamba: () => ['fuse', 'refine', 'rec_sr'],
  'glmamba-lr': (paths) => [
    ...numbersOf(paths, 'lr')
      .slice(-1)
      .map((number) => `lr.${number}`),
    'rec_sr',
  ],
  'deform-mamba': () => ['dec.0', 'final_up', 'join', 'refine', 'final'],
  iconet: (paths) => {
    const last = `stages.${numbersOf(paths, 'stages').at(-1) ?? 0}`;
    return ['srb.conv', 'srb.refine', 'up', 'up_conv', 'sr_out'].map((part) => `${last}.${part}`);
  },
};

/** Any size serves to ask a network for its parameters. */
const PROBE = { batch: 1, rows: 32, columns: 32 };

/**
 * The parameters of a network that are trained where only its last stages are, by path; all others keep their
 * bytes, running statistics among them. Throws `bad-model` for a network without such a rule.
 */
export function lastStages(network: string, options: unknown, scale: 2 | 4): ReadonlySet<string> {
  const rule = RULES[networkNamed(network).name];
  if (rule === undefined) {
    throw new TandemError('bad-model', `What the last stages of ${network} are is not laid down`, {
      hint: 'Train all of its weights.',
    });
  }
  const paths = networkGraph(network, options, scale, PROBE).parameters.map(({ path }) => path);
  const scopes = rule(paths);
  return new Set(paths.filter((path) => scopes.some((scope) => path.startsWith(`${scope}.`))));
}
