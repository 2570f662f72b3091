import { chmod, cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { commands } from '../../../src/main/shell/cli/commands.ts';
import { evenly, judge, programOnPath } from '../../../src/main/validate/dciodvfy.ts';
import { validateOperation } from '../../../src/main/validate/validateOperation.ts';
import { findTool } from '../../helpers/tools.ts';
import { rewriteFiles } from '../export/changeFiles.ts';
import { type GoodObjects, goodObjects } from './goodObjects.ts';

let root: string;
let good: GoodObjects;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-validate-operation-'));
  good = await goodObjects(root);
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const validate = (path: string, source?: string) =>
  validateOperation(operations.validateExport.request.parse({ path, source }), QUIET_JOB);
const exitCode = commands.find(({ name }) => name === 'validate')!.exitCode!;

/** A copy of the enhanced series to be broken. */
async function copyOf(name: string): Promise<string> {
  const folder = join(root, name);
  await cp(good.enhancedFolder, folder, { recursive: true });
  return folder;
}

describe('tandem validate', () => {
  it('finds nothing in what was written, and ends with 0', { timeout: 120_000 }, async () => {
    for (const path of [good.enhancedFolder, good.companionFolder]) {
      const result = await validate(path, good.sourceFolder);
      expect(operations.validateExport.result.parse(result)).toEqual(result);
      expect(result).toMatchObject({ errors: 0, warnings: 0, findings: [], refused: [] });
      expect(exitCode(result as never)).toBe(0);
    }
  });

  it('tells a file that is cut short, and ends with 3', { timeout: 60_000 }, async () => {
    const folder = await copyOf('cut');
    await truncate(join(folder, '0002.dcm'), 900);
    await truncate(join(folder, '0003.dcm'), (await readFile(join(folder, '0003.dcm'))).length - 10);
    const result = await validate(folder);
    expect(result.findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'unreadable', file: join(folder, '0002.dcm') }),
        expect.objectContaining({ code: 'pixel-bytes', file: join(folder, '0003.dcm') }),
      ]),
    );
    expect(exitCode(result as never)).toBe(3);
  });

  it('names what is no DICOM, and throws where nothing is', async () => {
    const folder = await copyOf('mixed');
    await writeFile(join(folder, 'notes.txt'), 'not DICOM');
    const result = await validate(folder);
    expect(result).toMatchObject({ files: 5, errors: 0, refused: [{ code: 'not-an-image' }] });
    await expect(validate(join(folder, 'notes.txt'))).rejects.toMatchObject({ code: 'nothing-readable' });
    await expect(validate(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not count what the source has as well', { timeout: 60_000 }, async () => {
    const folder = await copyOf('inherited');
    const source = join(root, 'inherited-source');
    await cp(good.sourceFolder, source, { recursive: true });
    const bad = { x00181030: ['LO', `${'x'.repeat(66)}`] } as const;
    const files = Array.from({ length: 5 }, (_, n) => join(folder, `000${n + 1}.dcm`));
    await rewriteFiles(files, bad);
    const alone = await validate(folder);
    expect(alone.findings.filter(({ ofSource }) => !ofSource).map(({ code }) => code)).toEqual(['bad-value']);
    expect(exitCode(alone as never)).toBe(3);
    await rewriteFiles(
      good.source.map(({ file }) => file.replace(good.sourceFolder, source)),
      bad,
    );
    const beside = await validate(folder, source);
    expect(beside).toMatchObject({ errors: 0, findings: [{ code: 'bad-value', ofSource: true, files: 5 }] });
  });
});

describe('dciodvfy', () => {
  /** A program that says what a script prints. */
  async function script(name: string, body: string): Promise<string> {
    const path = join(root, name);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const signal = new AbortController().signal;

  it('is looked for on the PATH, and must be a program', async () => {
    await script('found', 'exit 0');
    await writeFile(join(root, 'no-program'), '');
    expect(await programOnPath('found', `/nowhere::${root}`)).toBe(join(root, 'found'));
    expect(await programOnPath('no-program', root)).toBeUndefined();
    expect(await programOnPath('absent', root)).toBeUndefined();
  });

  it('is heard on its errors alone, and those of the source are marked, whatever their numbers', async () => {
    const program = await script(
      'says',
      'echo MRImage >&2; echo "Warning - a remark" >&2; echo "Error - value 12 is wrong" >&2\n' +
        'case "$1" in *own*) echo "Error - of its own" >&2;; esac',
    );
    const asked = { files: ['/own/1', '/own/2'], source: ['/source/1'] };
    expect(await judge(program, asked, signal)).toEqual({
      errors: [
        { message: 'value 12 is wrong', file: '/own/1', files: 2, ofSource: true },
        { message: 'of its own', file: '/own/1', files: 2, ofSource: false },
      ],
      files: 2,
      unanswered: 0,
    });
  });

  it('is repeated once where errors differ in their values, and not blamed for UIDs that the source has', async () => {
    const said = (...lines: string[]) => lines.map((line) => `echo 'Error - ${line}' >&2`).join('; ');
    const root = (uid: string, where: string) => `Illegal root for UID - "${uid}" in ${where}`;
    const program = await script(
      'roots',
      `case "$1" in /own/*) ${said(
        root('0.0.8811.1', '(0x0008,0x1155) Referenced SOP Instance UID'),
        root('0.0.8811.22.3', '(0x0008,0x1155) Referenced SOP Instance UID'),
        root('7.4.1', '(0x0008,0x1155) Referenced SOP Instance UID'),
      )};; *) ${said(root('0.0.8811.1', '(0x0008,0x0018) SOP Instance UID'))};; esac`,
    );
    const { errors } = await judge(program, { files: ['/own/1'], source: ['/source/1'] }, signal);
    expect(errors.map(({ message, files, ofSource }) => [message, files, ofSource])).toEqual([
      [root('0.0.8811.1', '(0x0008,0x1155) Referenced SOP Instance UID'), 1, true],
      [root('7.4.1', '(0x0008,0x1155) Referenced SOP Instance UID'), 1, false],
    ]);
  });

  it('is not waited for for ever', { timeout: 30_000 }, async () => {
    const program = await script('hangs', 'exec sleep 60');
    const start = performance.now();
    const said = await judge(program, { files: ['/a'], source: [], seconds: 0.3 }, signal);
    expect(said).toEqual({ errors: [], files: 1, unanswered: 1 });
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('gets the first, the last and some between', () => {
    expect(evenly([1, 2, 3], 8)).toEqual([1, 2, 3]);
    expect(
      evenly(
        Array.from({ length: 101 }, (_, n) => n),
        5,
      ),
    ).toEqual([0, 25, 50, 75, 100]);
  });

  it.skipIf(findTool('dciodvfy') === undefined)(
    'finds nothing in what was written, and what is broken [needs dciodvfy]',
    { timeout: 120_000 },
    async () => {
      expect((await validate(good.enhancedFolder, good.sourceFolder)).dciodvfy).toEqual({
        errors: [],
        files: 5,
        unanswered: 0,
      });
      const folder = await copyOf('judged');
      await rewriteFiles([join(folder, '0001.dcm')], { x00180020: ['CS', 'NONE'] });
      const { dciodvfy } = await validate(folder);
      expect(dciodvfy!.errors).not.toEqual([]);
      expect(dciodvfy!.errors[0]).toMatchObject({
        file: join(folder, '0001.dcm'),
        files: 1,
        ofSource: false,
      });
    },
  );
});
