import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { deviceKind, type SeriesSelector } from '../../../core/contract/schemas.ts';
import { TandemError } from '../../../core/errors.ts';
import { shippedModelsFolder } from '../../paths.ts';
import type { Arguments } from './command.ts';

/** Kinds of options, as `node:util` names them. */
export const text = { type: 'string' } as const;
export const flag = { type: 'boolean' } as const;
export const texts = { type: 'string', multiple: true } as const;

/** Every device by name, for usage lines. */
export const devices = deviceKind.options.join('|');

/** All arguments without a name. Throws `usage` where there is none. */
export function somePositionals(args: Arguments, what: string): readonly string[] {
  if (args.positionals.length === 0) throw new TandemError('usage', `Name ${what}`, { hint: args.hint });
  return args.positionals;
}

/** The first argument without a name. Throws `usage` where there is none. */
export function onePositional(args: Arguments, what: string): string {
  const [first] = args.positionals;
  if (first === undefined) throw new TandemError('usage', `Name ${what}`, { hint: args.hint });
  return first;
}

/** A series: a path by itself, or a number or UID within a study. */
export function selector(study: string | undefined, series: string): SeriesSelector {
  return { paths: study === undefined ? [] : [resolve(study)], series };
}

/** A package's folder as a path, whichever way it is written; anything else is a shipped model's id. */
export function modelNamed(idOrFolder: string): string {
  const shipped = basename(idOrFolder) === idOrFolder && existsSync(join(shippedModelsFolder, idOrFolder));
  return !shipped && existsSync(idOrFolder) ? resolve(idOrFolder) : idOrFolder;
}

/** An absolute path, where one is given. */
export function optionalPath(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

/** A transform in a file, where one is named. */
export function transformFile(args: Arguments, name: string): { file: string } | undefined {
  const path = optionalPath(args.text(name));
  return path === undefined ? undefined : { file: path };
}

/** A number that must be given. Throws `usage`. */
export function requiredNumber(args: Arguments, name: string): number {
  args.required(name);
  return args.number(name) ?? 0;
}

/** `--scale`, 2 or 4. Throws `usage`. */
export function scaleOf(args: Arguments): 2 | 4 {
  const value = args.required('scale');
  if (value === '2' || value === '4') return value === '2' ? 2 : 4;
  throw new TandemError('usage', `--scale is 2 or 4, not “${value}”`);
}

/** Three numbers X,Y,Z, where they are given. Throws `usage`. */
export function triple(args: Arguments, name: string): [number, number, number] | undefined {
  const value = args.text(name);
  if (value === undefined) return undefined;
  const [x, y, z, ...more] = value.split(',').map(Number);
  if (
    x === undefined ||
    y === undefined ||
    z === undefined ||
    more.length > 0 ||
    ![x, y, z].every(Number.isFinite)
  ) {
    throw new TandemError('usage', `--${name} takes three numbers X,Y,Z, not “${value}”`);
  }
  return [x, y, z];
}

/** An object as JSON, where one is given. Throws `usage`. */
export function jsonObject(args: Arguments, name: string): Record<string, unknown> | undefined {
  const value = args.text(name);
  if (value === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw new TandemError('usage', `--${name} takes a JSON object, not “${value}”`);
}
