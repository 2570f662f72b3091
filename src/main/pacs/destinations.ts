import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Destination, destination, type Peer, type PeerChoice } from '../../core/contract/pacs.ts';
import { TandemError } from '../../core/errors.ts';
import { writeFileAtomically } from '../export/atomic.ts';
import { settingsFolder } from '../paths.ts';
import { readError } from '../studies/readErrors.ts';
import { checkSecretsTravelSafely } from './web/credentials.ts';

/** The destinations that the user has set up: one JSON file in the settings folder, without any secret. */

const fileSchema = z.object({
  schemaVersion: z.literal(1),
  destinations: z.array(destination),
});

export function destinationsFile(): string {
  return join(settingsFolder(), 'destinations.json');
}

/** @throws TandemError `bad-header` where the file is not what this program writes */
export async function readDestinations(): Promise<Destination[]> {
  const path = destinationsFile();
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readError(error, path);
  }
  const parsed = fileSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.destinations;
  throw new TandemError('bad-header', 'The list of destinations cannot be read', {
    path,
    hint: 'It was changed by hand or comes from a later version: correct it, or move it away and set the destinations up again.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Adds a destination, or puts it in the place of the one called `replaces`.
 * @throws TandemError `usage` for a name that is in use, or a secret that would travel in the open
 */
export async function saveDestination(added: Destination, replaces?: string): Promise<Destination[]> {
  if (added.kind === 'dicomweb') checkSecretsTravelSafely(added);
  const before = await readDestinations();
  if (replaces !== undefined) requireNamed(before, replaces);
  const others = before.filter(({ name }) => !sameName(name, replaces ?? ''));
  if (others.some(({ name }) => sameName(name, added.name))) {
    throw new TandemError('usage', `There is a destination called “${added.name}” already`, {
      hint: 'Choose another name, or change the one that is there.',
    });
  }
  const at = before.findIndex(({ name }) => sameName(name, replaces ?? ''));
  const after = at < 0 ? [...others, added] : before.with(at, added);
  await write(after);
  return after;
}

/** @throws TandemError `not-found` */
export async function removeDestination(name: string): Promise<Destination[]> {
  const before = await readDestinations();
  requireNamed(before, name);
  const after = before.filter((one) => !sameName(one.name, name));
  await write(after);
  return after;
}

/** The one that is meant: by name as it was set up, or given in full. @throws TandemError `not-found` */
export async function resolvePeer(choice: PeerChoice): Promise<Peer & { readonly name: string }> {
  if (typeof choice === 'string') return requireNamed(await readDestinations(), choice);
  if (choice.kind === 'dicomweb') checkSecretsTravelSafely(choice);
  return { ...choice, name: choice.kind === 'dimse' ? `${choice.host}:${choice.port}` : choice.url };
}

function requireNamed(destinations: readonly Destination[], name: string): Destination {
  const found = destinations.find((one) => sameName(one.name, name));
  if (found !== undefined) return found;
  const names = destinations.map((one) => `“${one.name}”`).join(', ');
  throw new TandemError('not-found', `There is no destination called “${name}”`, {
    hint: names === '' ? 'None is set up yet: see “tandem pacs destinations add”.' : `There are: ${names}.`,
  });
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

async function write(destinations: readonly Destination[]): Promise<void> {
  const file = { schemaVersion: 1, destinations } satisfies {
    schemaVersion: 1;
    destinations: readonly Destination[];
  };
  // Addresses and user names are nobody else's business, though no secret is among them.
  const text = `${JSON.stringify(file, undefined, 2)}\n`;
  await writeFileAtomically(destinationsFile(), text, { mode: 0o600 });
}
