import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { OperationName, RequestInput, Result } from '../../../core/contract/operations.ts';
import type { Workstation } from '../../../core/contract/workstation.ts';
import { TandemError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/job.ts';

export type ArgumentOptions = NonNullable<ParseArgsConfig['options']>;

/** What `node:util` made of a command's arguments. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly text: (name: string) => string | undefined;
  readonly required: (name: string) => string;
  readonly all: (name: string) => readonly string[];
  /** Values of an option that may be given several at once: those of `all`, and the arguments behind each. */
  readonly list: (name: string) => readonly string[];
  readonly number: (name: string) => number | undefined;
  readonly flag: (name: string) => boolean;
  /** How the command is used: the hint of an error about its arguments. */
  readonly hint: string;
}

/** What it takes to follow something after the answer. */
export interface Follow {
  readonly workstation: Workstation & { readonly jobs: { readonly isRunning: boolean } };
  readonly show: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** One command of `tandem`: how its arguments become a request and how its result reads in a terminal. */
export interface Command<N extends OperationName = OperationName> {
  readonly name: string;
  readonly operation: N;
  readonly usage: string;
  readonly summary: string;
  /** How many arguments without a name it takes at most. */
  readonly positionals: number;
  readonly options: ArgumentOptions;
  readonly request: (args: Arguments) => RequestInput<N>;
  /** What is still to be waited for once it was answered, where that is not the end of it. */
  readonly settle?: (result: Result<N>, follow: Follow) => Promise<Result<N>>;
  readonly print: (result: Result<N>) => string;
  /** Beside 0: where the result itself says that not everything was done. */
  readonly exitCode?: (result: Result<N>) => number;
  /** What it still does when it is asked to stop, where that takes a while. */
  readonly whenStopped?: string;
}

/** Keeps a command's operation, request and result together in the type checker's eyes. */
export function command<N extends OperationName>(definition: Command<N>): Command {
  return definition as unknown as Command;
}

/** In the order of the command line, as `node:util` tells them. */
interface Token {
  readonly kind: 'option' | 'positional' | 'option-terminator';
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

/** Parses one command's arguments; throws `usage` with the command's own usage line. */
export function parseArguments(
  spec: Pick<Command, 'options' | 'usage' | 'positionals'>,
  argv: readonly string[],
): Arguments {
  const hint = `Usage: ${spec.usage}`;
  let parsed: Omit<ReturnType<typeof parseArgs>, 'tokens'> & { readonly tokens: readonly Token[] };
  try {
    parsed = parseArgs({
      args: [...argv],
      options: { ...spec.options, json: { type: 'boolean' } },
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    throw new TandemError('usage', message, { hint });
  }
  const surplus = parsed.positionals[spec.positionals];
  if (surplus !== undefined) {
    throw new TandemError('usage', `“${surplus}” is one argument too many`, { hint });
  }
  const values = parsed.values;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals: parsed.positionals,
    text,
    required: (name) => {
      const value = text(name);
      if (value === undefined) throw new TandemError('usage', `--${name} is missing`, { hint });
      return value;
    },
    all: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
    },
    list: (name) => {
      let open = false;
      return parsed.tokens.flatMap((token) => {
        if (token.kind === 'option') open = token.name === name;
        return open && token.value !== undefined ? [token.value] : [];
      });
    },
    number: (name) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (value.trim() === '' || !Number.isFinite(number)) {
        throw new TandemError('usage', `--${name} takes a number, not “${value}”`, { hint });
      }
      return number;
    },
    flag: (name) => values[name] === true,
    hint,
  };
}
