import { ERROR_EXIT_CODES } from '../../../core/errors.ts';
import { appVersion } from '../../version.ts';
import type { Command } from './command.ts';

type Described = Pick<Command, 'name' | 'usage' | 'summary'>;

const WIDTH = 100;
/** Words of the longest name: `pacs destinations add`. */
const LONGEST_NAME = 3;

/** What `--network NAME` takes: written out, so that no command loads the networks; a test compares. */
const NETWORKS =
  'srcnn, srcnn-guided, vdsr, edsr, edsr-guided, sanet, minet, glmamba, glmamba-lr, deform-mamba, iconet';

/** The command of one to three words (`models import`), and the arguments after its name. */
export function commandNamed<C extends Described>(
  commands: readonly C[],
  first: string,
  rest: readonly string[],
): [C | undefined, readonly string[]] {
  const words = [first, ...rest];
  for (let count = Math.min(LONGEST_NAME, words.length); count > 0; count--) {
    const name = words.slice(0, count).join(' ');
    const found = commands.find((one) => one.name === name);
    if (found !== undefined) return [found, words.slice(count)];
  }
  return [undefined, rest];
}

/** What `tandem help TOPIC` prints: one command, the commands that begin with a word or two, or all of them. */
export function help(commands: readonly Described[], topic: readonly string[] = []): string {
  const words = topic.filter((word) => !word.startsWith('-')).slice(0, LONGEST_NAME);
  for (let count = words.length; count > 1; count--) {
    const name = words.slice(0, count).join(' ');
    const some = commands.filter((one) => one.name === name || one.name.startsWith(`${name} `));
    if (some.length > 0) return describe(some);
  }
  const [first = ''] = words;
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
