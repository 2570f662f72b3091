import { ERROR_EXIT_CODES } from '../../../core/errors.ts';
import { appVersion } from '../../version.ts';
import type { Command } from './command.ts';

type Described = Pick<Command, 'name' | 'usage' | 'summary'>;

const WIDTH = 100;

/** What `--network NAME` takes: written out, so that no command loads the networks; a test compares. */
const NETWORKS =
  'srcnn, srcnn-guided, vdsr, edsr, edsr-guided, sanet, minet, glmamba, glmamba-lr, deform-mamba, iconet';

/** The command of one word or two (`models import`), and the arguments after its name. */
export function commandNamed<C extends Described>(
  commands: readonly C[],
  first: string,
  rest: readonly string[],
): [C | undefined, readonly string[]] {
  const longer = commands.find((one) => one.name === `${first} ${rest[0]}`);
  if (longer !== undefined) return [longer, rest.slice(1)];
  return [commands.find((one) => one.name === first), rest];
}

/** What `tandem help TOPIC` prints: one command, the commands that begin with a word, or all of them. */
export function help(commands: readonly Described[], topic: readonly string[] = []): string {
  const [first = '', second] = topic;
  const exact = commands.find((one) => one.name === `${first} ${second}`);
  if (exact !== undefined) return describe([exact]);
  const family = commands.filter(({ name }) => name === first || name.startsWith(`${first} `));
  if (family.length > 0) return describe(family);
  return [
    `Tandem MR ${appVersion}: multi-contrast MR super-resolution. Research use only, not for diagnosis.`,
    '',
    describe(commands),
    '',
    exitCodes(),
  ].join('\n');
}

function describe(commands: readonly Described[]): string {
  const lines = commands.map(({ usage, summary }) => `${wrap(usage)}\n      ${summary}`);
  const asked = commands.some(({ usage }) => usage.includes('--network NAME'));
  return [...lines, ...(asked ? ['', wrap(`Networks: ${NETWORKS}`)] : [])].join('\n');
}

function exitCodes(): string {
  const { usage, cancelled, failed, 'bad-header': input } = ERROR_EXIT_CODES;
  return `Exit codes: 0 done, ${usage} wrong usage, ${input} bad input, ${cancelled} cancelled, ${failed} failed.`;
}

/** Lines of a terminal's width; what stands in brackets stays together. */
function wrap(text: string): string {
  const lines = [' '];
  for (const [part] of text.matchAll(/\[[^\]]*\]|\S+/g)) {
    const last = lines.length - 1;
    if (lines[last]!.length + 1 + part.length > WIDTH) lines.push(`         ${part}`);
    else lines[last] += ` ${part}`;
  }
  return lines.join('\n');
}
