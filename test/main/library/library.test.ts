import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recall } from '../../../src/main/desk/remembering.ts';
import { recallOfStudy } from '../../../src/main/desk/studyMemory.ts';
import { allJobs, jobsRevision } from '../../../src/main/jobs/jobRows.ts';
import { enhancementsOf } from '../../../src/main/library/enhancementRows.ts';
import { Library } from '../../../src/main/library/library.ts';
import { VERSIONS } from '../../../src/main/library/schema/versions.ts';
import { change, row, rows, sqlite } from '../../../src/main/library/sqlite.ts';
import { searchStudies } from '../../../src/main/library/studyRows.ts';

let folder: string;
let path: string;
const open: Library[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-library-'));
  path = join(folder, 'library.db');
});
afterEach(() => {
  for (const library of open.splice(0)) library.close();
  rmSync(folder, { recursive: true, force: true });
});

function opened(): Library {
  const library = new Library(folder);
  open.push(library);
  return library;
}

const remember = (library: Library, key: string): number =>
  library.change((database) => change(database, `INSERT OR REPLACE INTO remembered VALUES (?, '1', 0)`, key));
const keys = (library: Library): string[] =>
  library
    .use((database) => rows<{ key: string }>(database, 'SELECT key FROM remembered ORDER BY key'))
    .map(({ key }) => key);

/** The shape of a database: every table and index with its columns, without words and spaces. */
function shapeOf(library: Library): unknown {
  return library.use((database) =>
    rows<{ name: string }>(
      database,
      `SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name`,
    ).map(({ name }) => [name, rows(database, `SELECT * FROM pragma_table_info(?)`, name)]),
  );
}

describe('the library’s file', () => {
  it('is its owner’s alone, and so is what is written beside it', () => {
    const library = opened();
    remember(library, 'a');
    expect(statSync(folder).mode & 0o077).toBe(0);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    library.close();
  });

  it('keeps what was committed when its process is killed in the middle of the next change', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { Library } from ${JSON.stringify(join(import.meta.dirname, '../../../src/main/library/library.ts'))};
         import { change } from ${JSON.stringify(join(import.meta.dirname, '../../../src/main/library/sqlite.ts'))};
         const library = new Library(${JSON.stringify(folder)});
         const keep = (key) => library.change((database) => change(database, "INSERT INTO remembered VALUES (?, '1', 0)", key));
         for (let n = 0; n < 20; n++) keep('k' + n);
         library.change((database) => {
           change(database, "INSERT INTO remembered VALUES ('half', '1', 0)");
           process.kill(process.pid, 'SIGKILL');
         });`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ signal, said }).toEqual({ signal: 'SIGKILL', said: '' });
    const found = keys(opened());
    expect(found).toHaveLength(20);
    expect(found).not.toContain('half');
  });

  it('can be changed by two processes at once', () => {
    const [one, two] = [opened(), opened()];
    for (let n = 0; n < 10; n++) {
      remember(one, `one${n}`);
      remember(two, `two${n}`);
    }
    expect(keys(one)).toHaveLength(20);
    expect(keys(two)).toEqual(keys(one));
  });

  it.each([
    ['no database at all', () => writeFileSync(path, 'something else entirely, and long enough '.repeat(60))],
    [
      'overwritten in the middle',
      () => {
        const bytes = readFileSync(path);
        bytes.fill(0xa5, 4096 + 10, 4096 * 3);
        writeFileSync(path, bytes);
      },
    ],
    ['cut short', () => writeFileSync(path, readFileSync(path).subarray(0, 5000))],
  ])('is set aside by name where it is %s, told, and begun anew', (_, spoil) => {
    const before = opened();
    for (let n = 0; n < 200; n++) remember(before, `key${n}`);
    before.close();
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
    spoil();
    const spoilt = readFileSync(path);
    const library = opened();
    expect(keys(library)).toEqual(['set-aside']);
    const told = library.use((database) => row<{ value: string }>(database, 'SELECT value FROM remembered'));
    const aside = (JSON.parse(told!.value) as { path: string }).path;
    expect(aside).toMatch(/library\.damaged-\d{8}-\d{6}\.db$/);
    expect(readFileSync(aside).equals(spoilt)).toBe(true);
    remember(library, 'goes on');
    expect(keys(opened())).toEqual(['goes on', 'set-aside']);
  });

  it('that a later version made is left as it is, and says so', () => {
    remember(opened(), 'a');
    opened().use((database) => database.exec(`PRAGMA user_version = ${VERSIONS.length + 1}`));
    const before = readFileSync(path);
    expect(() => keys(opened())).toThrow(expect.objectContaining({ code: 'unsupported-format', path }));
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  it('is begun again where the file is deleted under a running program', () => {
    const library = opened();
    remember(library, 'a');
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    remember(library, 'b');
    expect(existsSync(path)).toBe(true);
    expect(keys(opened())).toEqual(['b']);
  });

  it.skipIf(process.getuid?.() === 0)('says where it may not write [needs to be no administrator]', () => {
    chmodSync(folder, 0o500);
    expect(() => remember(opened(), 'a')).toThrow(expect.objectContaining({ code: 'no-permission' }));
    chmodSync(folder, 0o700);
  });
});

describe('a library of an earlier version', () => {
  const fresh = (): unknown => {
    const other = mkdtempSync(join(tmpdir(), 'tandem-library-'));
    const library = new Library(other);
    try {
      return shapeOf(library);
    } finally {
      library.close();
      rmSync(other, { recursive: true, force: true });
    }
  };

  it.each(
    VERSIONS.slice(0, -1).map((_, n) => n + 1),
  )('%i is opened, brought up to date and lost nothing', (version) => {
    const { DatabaseSync } = sqlite();
    const made = new DatabaseSync(path);
    made.exec(readFileSync(join(import.meta.dirname, `versions/v${version}.sql`), 'utf8'));
    made.close();
    const library = opened();
    expect(shapeOf(library)).toEqual(fresh());
    const { jobs, revision } = library.use((database) => ({
      jobs: allJobs(database),
      revision: jobsRevision(database),
    }));
    expect(revision).toBe(41);
    expect(jobs.map(({ id, state, attempt }) => [id, state, attempt])).toEqual([
      ['j2', 'waiting', 1],
      ['j1', 'failed', 2],
    ]);
    expect(jobs[1]!.error).toEqual({ code: 'out-of-memory', message: 'Too much' });
    expect(recall(library).settings).toEqual({ theme: 'light' });
    if (version < 2) return;
    const { studies, enhancements } = library.use((database) => ({
      studies: searchStudies(database, { text: 'jane t2', sort: 'opened', offset: 0, limit: 9 }).page,
      enhancements: enhancementsOf(database, '1', () => true),
    }));
    expect(studies.map(({ uid }) => uid)).toEqual(['1']);
    expect(enhancements).toMatchObject([{ id: 'e1', stored: true, exports: [{ folder: '/out' }] }]);
    if (version < 4) return;
    expect(recallOfStudy(library, { studyUid: '1' }).measurements).toMatchObject([
      { id: 'm1', kind: 'probe', pointsLps: [[1, 2, 3]] },
    ]);
    expect(keys(library)).not.toContain('measurements');
  });
});
