import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AuditEntry, auditEntry } from '../../../src/core/contract/auditing.ts';
import { AuditFile } from '../../../src/main/audit/auditFile.ts';
import { AUDIT_FILE, AuditLog } from '../../../src/main/audit/auditLog.ts';
import { hashOfEntry, lineOf, parseLine } from '../../../src/main/audit/entry.ts';
import { knownHashes, waitingEntries } from '../../../src/main/audit/rows.ts';
import { verifyLog } from '../../../src/main/audit/verifyLog.ts';
import { Library } from '../../../src/main/library/library.ts';
import { change, rows } from '../../../src/main/library/sqlite.ts';

const SLOW = 120_000;

let folder: string;
let kept: Library;
let log: AuditLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-audit-'));
  kept = new Library(folder);
  log = new AuditLog(kept);
});
afterEach(() => {
  vi.restoreAllMocks();
  kept.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (): string => join(folder, AUDIT_FILE);
const lines = (): string[] => readFileSync(path(), 'utf8').split('\n').slice(0, -1);
const entries = (): AuditEntry[] => lines().map((line) => parseLine(line)!);
const add = (n: number): AuditEntry =>
  log.append({ kind: 'enhancement', outcome: 'done', model: { id: `model-${n}` } }, 'Dr A');

function verified() {
  return verifyLog(
    readFileSync(path()),
    kept.use((database) => ({ hashes: knownHashes(database), waiting: waitingEntries(database) })),
  );
}
/** Each fault as `kind line`. */
const faults = (): string[] => verified().faults.map(({ kind, line }) => `${kind} ${line}`);

describe('the audit log', () => {
  it('is one canonical line an entry, chained from zeros, of its owner alone', () => {
    for (const n of [1, 2, 3]) add(n);
    const found = entries();
    expect(found.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(found[0]!.previous).toBe('0'.repeat(64));
    expect(found[1]!.previous).toBe(found[0]!.hash);
    expect(found[2]!.previous).toBe(found[1]!.hash);
    expect(found.every((entry) => entry.hash === hashOfEntry(entry))).toBe(true);
    expect(found[0]).toMatchObject({ user: 'Dr A', program: expect.stringMatching(/^Tandem MR \d/) });
    expect(auditEntry.safeParse(JSON.parse(lines()[0]!)).success).toBe(true);
    expect(statSync(path()).mode & 0o077).toBe(0);
    expect(verified()).toMatchObject({ entries: 3, lastHash: found[2]!.hash, faults: [], waiting: 0 });
  });

  it('is the same hash on every machine: the entry’s canonical JSON without its hash', () => {
    // By Python: sha256 of json.dumps(content, sort_keys=True, separators=(',', ':')).
    const content = {
      format: 'tandem-audit-1' as const,
      sequence: 1,
      time: '2026-11-22T22:00:00.000Z',
      program: 'Tandem MR 0.1.0',
      account: 'physicist',
      user: 'Dr Müller',
      event: {
        kind: 'model-accepted' as const,
        outcome: 'done' as const,
        inputs: [],
        settings: {},
        outputs: {},
      },
      previous: '0'.repeat(64),
    };
    expect(hashOfEntry(content)).toBe('6edc0bea9b229fe25db54a7daded805ce0de016b9a5347c870fd0aabec385149');
  });

  it('goes on after a restart, and takes turns with other processes', { timeout: SLOW }, async () => {
    add(1);
    const writers = ['a', 'b', 'c'].map((name) =>
      spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), folder, name, '12'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
    const codes = await Promise.all(writers.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0]);
    kept.close();
    log = new AuditLog(kept);
    add(2);
    const found = entries();
    expect(found).toHaveLength(38);
    for (const name of ['a', 'b', 'c']) {
      const own = found.filter(({ event }) => event.model?.id === name);
      expect(own.map(({ event }) => event.settings.n)).toEqual(Array.from({ length: 12 }, (_, n) => n));
    }
    expect(faults()).toEqual([]);
  });

  it('survives processes killed at any moment', { timeout: SLOW }, async () => {
    for (let round = 0; round < 4; round++) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'writer.ts'), folder, `round-${round}`, '100000'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let heard = 0;
      for await (const piece of child.stdout) {
        heard += (piece as Buffer).length;
        if (heard > 3 + round * 5) break;
      }
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      // Nothing that was confirmed is missing, even before the next entry finishes what was begun.
      expect(faults()).toEqual([]);
      add(round);
      const confirmed = entries().filter(({ event }) => event.model?.id === `round-${round}`);
      expect(confirmed.length).toBeGreaterThanOrEqual(heard);
    }
    expect(faults()).toEqual([]);
    expect(verified().waiting).toBe(0);
  });
});

describe('what interrupts a write', () => {
  /** The library as it is between keeping an entry and writing it. */
  function keepOnly(n: number): string {
    const flush = vi.spyOn(AuditLog.prototype, 'settle').mockImplementation(() => {});
    add(n);
    flush.mockRestore();
    return kept.use((database) => waitingEntries(database)).at(-1)!.line;
  }

  it('an entry that was kept and not written is written by the next one', () => {
    add(1);
    keepOnly(2);
    expect(verified()).toMatchObject({ entries: 1, waiting: 1, faults: [] });
    add(3);
    expect(entries().map(({ event }) => event.model?.id)).toEqual(['model-1', 'model-2', 'model-3']);
    expect(faults()).toEqual([]);
  });

  it('an entry that was written and not noted is not written twice', () => {
    add(1);
    appendFileSync(path(), `${keepOnly(2)}\n`);
    expect(verified()).toMatchObject({ entries: 2, waiting: 0, faults: [] });
    add(3);
    expect(entries().map(({ event }) => event.model?.id)).toEqual(['model-1', 'model-2', 'model-3']);
  });

  it('a torn end is kept aside, said in an entry, and the whole line follows', () => {
    add(1);
    const torn = keepOnly(2).slice(0, 40);
    appendFileSync(path(), torn);
    expect(verified()).toMatchObject({ interruptedBytes: 40, faults: [] });
    add(3);
    expect(entries().map(({ event }) => event.kind)).toEqual([
      'enhancement',
      'enhancement',
      'enhancement',
      'log-torn',
    ]);
    const said = entries().at(-1)!.event;
    expect(said.settings.bytes).toBe(40);
    expect(readFileSync(join(folder, String(said.settings.keptIn)), 'utf8')).toBe(torn);
    expect(faults()).toEqual([]);
  });

  it('a full disk leaves the file as it was; the entry waits and comes with the next', () => {
    add(1);
    const before = readFileSync(path());
    const append = vi.spyOn(AuditFile.prototype, 'append').mockImplementation(() => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    expect(() => add(2)).toThrow();
    append.mockRestore();
    expect(readFileSync(path())).toEqual(before);
    expect(verified()).toMatchObject({ waiting: 1, faults: [] });
    add(3);
    expect(entries().map(({ event }) => event.model?.id)).toEqual(['model-1', 'model-2', 'model-3']);
    expect(faults()).toEqual([]);
  });

  it('a change that cannot be recorded does not happen, and its entry never comes', () => {
    add(1);
    const marks = () => kept.use((database) => rows(database, `SELECT key FROM remembered`)).length;
    const record = () =>
      log.appendWith(
        {
          make: (database) => change(database, `INSERT INTO remembered VALUES ('k', '1', 0)`),
          undo: (database) => change(database, `DELETE FROM remembered WHERE key = 'k'`),
        },
        () => ({ kind: 'model-accepted', outcome: 'done' }),
        'Dr B',
      );
    const append = vi.spyOn(AuditFile.prototype, 'append').mockImplementation(() => {
      throw new Error('full');
    });
    expect(record).toThrow('full');
    append.mockRestore();
    expect(marks()).toBe(0);
    add(2);
    expect(entries().map(({ event }) => event.kind)).toEqual(['enhancement', 'enhancement']);
    expect(record()).toBe(1);
    expect(marks()).toBe(1);
    expect(entries().at(-1)).toMatchObject({ user: 'Dr B', event: { kind: 'model-accepted' } });
    expect(faults()).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be written is told with its path', () => {
    add(1);
    chmodSync(path(), 0o400);
    expect(() => add(2)).toThrow(expect.objectContaining({ code: 'no-permission', path: path() }));
  });

  it('a library that was lost is said to be: what the file holds is taken over', () => {
    for (const n of [1, 2]) add(n);
    kept.close();
    for (const name of readdirSync(folder)) {
      if (name.startsWith('library')) rmSync(join(folder, name));
    }
    kept = new Library(folder);
    log = new AuditLog(kept);
    add(3);
    expect(entries().map(({ event }) => event.kind)).toEqual([
      'enhancement',
      'enhancement',
      'library-replaced',
      'enhancement',
    ]);
    expect(entries()[2]!.event.settings.entriesFound).toBe(2);
    expect(faults()).toEqual([]);
  });
});

describe('tampering is found and placed', () => {
  beforeEach(() => {
    for (const n of [1, 2, 3, 4, 5, 6]) add(n);
  });

  const rewrite = (work: (all: string[]) => string[]): void =>
    writeFileSync(
      path(),
      work(lines())
        .map((line) => `${line}\n`)
        .join(''),
    );
  /** A line changed, its hash made to fit. */
  const forged = (line: string, more: Partial<AuditEntry>): string => {
    const content = { ...parseLine(line)!, ...more };
    return lineOf({ ...content, hash: hashOfEntry(content) });
  };
  const spliced =
    (at: number, remove: number, ...more: string[]) =>
    (all: string[]) =>
      all.toSpliced(at, remove, ...more);

  it.each<[string, (all: string[]) => string[], string[]]>([
    ['a word', (all) => all.with(2, all[2]!.replace('model-3', 'model-9')), ['changed 3']],
    ['a word, its hash made to fit', (all) => all.with(2, forged(all[2]!, { user: 'Dr X' })), ['changed 3']],
    [
      'the user of the last entry, its hash made to fit',
      (all) => all.with(5, forged(all[5]!, { user: null })),
      ['changed 6'],
    ],
    ['spaces alone', (all) => all.with(1, all[1]!.replace(',', ', ')), ['malformed 2']],
    ['a line blotted out', (all) => all.with(3, 'xxxx'), ['malformed 4']],
    ['a line removed', (all) => all.toSpliced(2, 1), ['removed 3']],
    ['the first line removed', (all) => all.toSpliced(0, 1), ['removed 1']],
    ['two lines exchanged', (all) => [all[0]!, all[2]!, all[1]!, ...all.slice(3)], ['reordered 3']],
    ['a line doubled', (all) => all.toSpliced(2, 0, all[1]!), ['inserted 3']],
    ['an empty line', (all) => all.toSpliced(2, 0, ''), ['malformed 3']],
    ['the end cut off', (all) => all.slice(0, 4), ['cut 5']],
    ['everything cut off', () => [], ['cut 1']],
    [
      'a forged entry at the end, chained',
      (all) => [...all, forged(all[5]!, { sequence: 7, previous: parseLine(all[5]!)!.hash })],
      ['inserted 7'],
    ],
    [
      'an entry removed and all behind it chained anew',
      (all) => {
        const anew = all.slice(0, 2);
        for (const line of all.slice(3)) {
          const before = parseLine(anew.at(-1)!)!;
          anew.push(forged(line, { sequence: before.sequence + 1, previous: before.hash }));
        }
        return anew;
      },
      ['changed 3', 'changed 4', 'changed 5', 'cut 6'],
    ],
  ])('%s', (_, tamper, expected) => {
    rewrite(tamper);
    expect(faults()).toEqual(expected);
  });

  it('a line inserted in the middle, numbered and chained', () => {
    rewrite((all) => spliced(3, 0, forged(all[3]!, { user: 'Dr X' }))(all));
    expect(faults()).toEqual(['changed 4', 'inserted 5']);
  });

  it('bytes cut off in the middle of the last line', () => {
    truncateSync(path(), statSync(path()).size - 10);
    expect(faults()).toEqual(['cut 6', 'torn 6']);
  });

  it('stays found when the log goes on, which says so', () => {
    rewrite((all) => all.slice(0, 4));
    add(7);
    expect(
      entries()
        .slice(4)
        .map(({ event }) => event.kind),
    ).toEqual(['enhancement', 'log-damaged']);
    expect(faults()).toEqual(['removed 5']);
    rewrite((all) => [...all, all[0]!]);
    add(8);
    expect(entries().at(-1)!.event).toMatchObject({
      kind: 'log-damaged',
      settings: { linesFromElsewhere: 1 },
    });
    expect(faults()).toEqual(['removed 5', 'inserted 7']);
  });

  it('is found in a copy without a library, but for a cut end', () => {
    const copy = (work: (all: string[]) => string[]): string[] => {
      const text = work(lines())
        .map((line) => `${line}\n`)
        .join('');
      return verifyLog(Buffer.from(text), undefined).faults.map(({ kind, line }) => `${kind} ${line}`);
    };
    expect(copy((all) => all)).toEqual([]);
    expect(copy((all) => all.with(2, all[2]!.replace('model-3', 'model-9')))).toEqual(['changed 3']);
    expect(copy((all) => all.with(2, forged(all[2]!, { user: null })))).toEqual(['changed 4']);
    expect(copy((all) => all.toSpliced(2, 1))).toEqual(['removed 3']);
    expect(copy((all) => all.slice(0, 4))).toEqual([]);
  });
});
