import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { acceptanceReport, type JudgeResult } from '../../../src/core/contract/acceptance.ts';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { type JobContext, QUIET_JOB } from '../../../src/core/job.ts';
import { evaluateOperation } from '../../../src/main/evaluation/evaluateOperation.ts';
import { judgeOperation } from '../../../src/main/finetune/acceptance/judgeOperation.ts';
import {
  lockedText,
  patientSha256,
  readLockedSet,
  refuseLocked,
} from '../../../src/main/finetune/lockedSet.ts';
import { sha256OfFile } from '../../../src/main/studies/caseFolder.ts';
import { fillVolume } from '../../core/volume/volumes.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { findTool } from '../../helpers/tools.ts';
import { head, headGrid, temporaryFolder, writeCase } from '../evaluation/cases.ts';

let folder = '';
let base = '';
let tuned = '';
let cases = '';
const pdftotext = findTool('pdftotext');
const lesion = fillVolume(headGrid, ([slice], [x, y]) => (slice > 3 && Math.hypot(x, y) < 5 ? 1 : 0));

beforeAll(async () => {
  folder = await temporaryFolder();
  [base, tuned, cases] = ['base', 'tuned', 'cases'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  // The base adds nothing to zero-filling; the other spoils it.
  await writeTestPackage(base, 'base-x2', testModel('srcnn-guided', 2));
  await writeTestPackage(tuned, 'tuned-x2', testModel('srcnn-guided', 2, { correction: true }));
  for (const [n, name] of ['anna-v1', 'anna-v2', 'bert'].entries()) {
    await writeCase({ t2: head(100, n / 4), t1: head(3, 1 + n / 3) }, join(cases, name));
  }
  await writeCase({ t2: head(90, 2), t1: head(3, 5), lesion }, join(cases, 'cora'));
}, 60_000);

async function thresholds(content: object[], leastPatients = 3): Promise<string> {
  const path = join(await temporaryFolder(), 'thresholds.json');
  const file = { format: 'tandem-thresholds', formatVersion: 1, leastPatients, thresholds: content };
  await writeFile(path, JSON.stringify(file));
  return path;
}

async function judge(
  more: Partial<RequestInput<'modelsJudge'>> & { readonly thresholds: string },
  job: JobContext = QUIET_JOB,
): Promise<JudgeResult> {
  const request = operations.modelsJudge.request.parse({
    base,
    tuned,
    test: [cases],
    registration: 'headers-unchecked',
    out: join(await temporaryFolder(), 'out'),
    ...more,
  });
  return judgeOperation(request, job);
}

/** The PDF says what the report says, with the notice on every page, as poppler reads it. */
async function expectSamePdf(
  pdftotext: string,
  path: string,
  { report, sha256 }: JudgeResult,
): Promise<void> {
  const bytes = await readFile(path);
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(bytes.toString('latin1')).not.toMatch(/\/URI|\/JavaScript/);
  const { stdout } = await promisify(execFile)(pdftotext, ['-layout', '-enc', 'UTF-8', path, '-']);
  const pages = stdout.split('\f').slice(0, -1);
  expect(pages.length).toBeGreaterThan(6);
  for (const page of pages) expect(page).toContain(report.notice);
  const words = stdout.replace(/[\s\u200b]+/g, '');
  const said = [
    `Acceptance of ${report.tuned.id} ${report.tuned.version}: not passed`,
    ...report.verdicts.map((verdict) => verdict.words),
    ...report.cases.map(({ name }) => name),
    ...report.worstSlices.map(({ case: name, slice }) => `${name}, slice ${slice}`),
    sha256,
  ];
  for (const text of said) expect(words).toContain(text.replace(/\s+/g, ''));
}

describe('tandem models judge', () => {
  it('measures what evaluate measures, with each wrong reference too', async () => {
    const path = await thresholds([{ quantity: 'psnrInside', atLeast: 0 }]);
    const { report } = await judge({ thresholds: path });
    const evaluated = await evaluateOperation(
      operations.evaluate.request.parse({
        cases: [cases],
        target: 't2',
        reference: 't1',
        scale: 2,
        models: [base, tuned],
        disturb: true,
      }),
      QUIET_JOB,
    );
    expect(report.cases.map(({ name }) => name)).toEqual(['anna-v1', 'anna-v2', 'bert', 'cora']);
    for (const one of report.cases.filter(({ name }) => name === 'bert' || name === 'cora')) {
      const same = evaluated.cases.find(({ case: name }) => name === one.name)!;
      for (const [method, id] of [
        ['zeroFill', 'zero-fill'],
        ['base', 'base-x2'],
        ['tuned', 'tuned-x2'],
      ] as const) {
        const { perSlice, secondsPerSlice, ...volume } = same.methods[id]!;
        expect(one.methods[method]).toMatchObject(volume);
      }
      const disturbed = (name: string) =>
        same.disturbed.find(({ disturbance }) => disturbance === name)!.methods['tuned-x2']!.psnrInside;
      expect(one.methods.tuned.psnrShifted).toBeCloseTo(disturbed('shift-2mm'), 6);
      expect(one.methods.tuned.psnrBlank).toBeCloseTo(disturbed('blank'), 6);
      expect(one.wrongReference).toContain('another patient');
      const wrong = [one.methods.tuned.psnrInside, one.methods.tuned.psnrBlank, one.methods.tuned.psnrWrong];
      expect(new Set(wrong).size).toBe(3);
    }
  }, 180_000);

  it('fails a model that spoils the images, passes the base itself, and writes one report of both kinds', async () => {
    const path = await thresholds([{ quantity: 'psnrInside', atLeast: -0.5, because: '<b>no</b> loss' }]);
    const out = join(await temporaryFolder(), 'out');
    const spoiled = await judge({ thresholds: path, out });
    expect(spoiled.report).toMatchObject({
      passed: false,
      testSet: { patients: 3, cases: 4, leaks: [], failed: [] },
    });
    expect(spoiled.report.thresholds.sha256).toBe(await sha256OfFile(path));
    expect(Date.parse(spoiled.report.thresholds.read)).toBeLessThanOrEqual(Date.parse(spoiled.report.begun));
    expect(spoiled.report.statistics.find(({ basis }) => basis === 'difference')).toMatchObject({ n: 3 });

    const text = await readFile(join(out, 'acceptance.json'));
    expect(acceptanceReport.parse(JSON.parse(text.toString()))).toEqual(spoiled.report);
    expect(createHash('sha256').update(text).digest('hex')).toBe(spoiled.sha256);
    const page = await readFile(join(out, 'acceptance.html'), 'utf8');
    expect(page).toContain('not passed');
    expect(page).toContain('&lt;b&gt;no');
    expect(page).not.toMatch(/<script|https?:\/\//i);
    expect(page).toContain(spoiled.sha256);
    const worst = spoiled.report.worstSlices;
    expect(worst.length).toBe(6);
    expect(worst.map(({ difference }) => difference)).toEqual(
      worst.map(({ difference }) => difference).toSorted((a, b) => a - b),
    );
    const lowest = Math.min(
      ...spoiled.report.cases.flatMap(({ slices }) =>
        slices.flatMap(({ psnrInside: p }) =>
          p.tuned === null || p.base === null ? [] : [p.tuned - p.base],
        ),
      ),
    );
    expect(worst[0]!.difference).toBe(lowest);
    expect((await readdir(join(out, 'worst'))).length).toBe(6 * 7);

    const same = await judge({ thresholds: path, tuned: base });
    expect(same.report).toMatchObject({ passed: true, failures: [] });
    expect(same.report.statistics.find(({ quantity }) => quantity === 'psnrWrong')).toMatchObject({ n: 3 });
  }, 180_000);

  it.skipIf(pdftotext === undefined)(
    'writes the same report as PDF [needs pdftotext]',
    async () => {
      const path = await thresholds([{ quantity: 'psnrInside', atLeast: -0.5, because: 'no loss' }]);
      const out = join(await temporaryFolder(), 'out');
      await expectSamePdf(pdftotext!, join(out, 'acceptance.pdf'), await judge({ thresholds: path, out }));
    },
    180_000,
  );

  it('measures lesions where a mask is, and consistency against what was acquired', async () => {
    const path = await thresholds([{ quantity: 'lesionError', atMost: 0, basis: 'difference' }]);
    const { report } = await judge({ thresholds: path, tuned: base });
    const [cora] = report.cases.filter(({ name }) => name === 'cora');
    expect(cora!.lesionVoxels).toBeGreaterThan(100);
    expect(cora!.methods.zeroFill.lesionError).toBeGreaterThan(0);
    expect(report.cases.filter(({ lesionVoxels }) => lesionVoxels !== null)).toHaveLength(1);
    expect(report.statistics.find(({ quantity }) => quantity === 'lesionError')).toMatchObject({ n: 1 });
    for (const { methods } of report.cases) {
      expect(methods.base.consistencyError).toBeCloseTo(methods.zeroFill.consistencyError!, 7);
      expect(methods.zeroFill.consistencyError).toBeLessThan(0.02);
    }
    const spoiled = await judge({ thresholds: path });
    for (const { methods } of spoiled.report.cases) {
      expect(methods.tuned.consistencyError).toBeGreaterThan(2 * methods.zeroFill.consistencyError!);
    }
  }, 180_000);

  it('holds a mask on another grid, and a case without a reference, against the acceptance', async () => {
    const own = join(await temporaryFolder(), 'own');
    const small = fillVolume({ ...headGrid, size: [7, 45, 48] }, () => 1);
    await writeCase({ t2: head(100), t1: head(3, 1), lesion: small }, join(own, 'dora'));
    await writeCase({ t2: head(100) }, join(own, 'emil'));
    await writeCase({ t2: head(100, 1), t1: head(3) }, join(own, 'fred'));
    const path = await thresholds([{ quantity: 'psnrInside', atLeast: 0 }], 1);
    const { report } = await judge({ thresholds: path, test: [own], tuned: base });
    expect(report.testSet.failed.map(({ case: name }) => name)).toEqual(['dora', 'emil']);
    expect(report.passed).toBe(false);
  }, 120_000);

  it('names cases that the model learned from, by file and by patient', async () => {
    const leaked = join(await temporaryFolder(), 'leaked');
    await writeTestPackage(leaked, 'leaked', testModel('srcnn-guided', 2));
    const cardPath = join(leaked, 'model.json');
    const card = JSON.parse(await readFile(cardPath, 'utf8'));
    const learned = {
      slices: 3,
      rows: 40,
      columns: 48,
      spacingMm: [1, 1],
      sliceThicknessMm: 3,
    };
    const file = { name: 't2.nii', sha256: await sha256OfFile(join(cases, 'bert', 't2.nii')) };
    card.training.cases = [
      { ...learned, name: 'study-7', patient: 'someone', files: [file] },
      { ...learned, name: 'anna-v3', patient: 'anna', files: [{ ...file, sha256: '0'.repeat(64) }] },
    ];
    await writeFile(cardPath, JSON.stringify(card));
    const path = await thresholds([{ quantity: 'psnrInside', atLeast: -1 }], 1);
    const { report } = await judge({ thresholds: path, tuned: leaked });
    expect(report.testSet.leaks.map(({ case: name, how, trainedCase }) => [name, how, trainedCase])).toEqual([
      ['anna-v1', 'same-patient', 'anna-v3'],
      ['anna-v2', 'same-patient', 'anna-v3'],
      ['bert', 'same-files', 'study-7'],
    ]);
    expect(report.passed).toBe(false);
    expect(report.failures.join()).toContain('study-7');
  }, 120_000);

  it('keeps to the thresholds and the cases that were written down', async () => {
    const path = await thresholds([{ quantity: 'psnrInside', atLeast: 0 }], 1);
    await expect(judge({ thresholds: path, thresholdsSha256: 'a'.repeat(64) })).rejects.toMatchObject({
      code: 'usage',
      path,
    });
    await writeFile(path, '{"format":"tandem-thresholds"}');
    await expect(judge({ thresholds: path })).rejects.toMatchObject({ code: 'usage' });
    await expect(judge({ thresholds: join(folder, 'none.json') })).rejects.toMatchObject({
      code: 'not-found',
    });

    const good = await thresholds([{ quantity: 'psnrInside', atLeast: 0 }], 1);
    const locked = join(await temporaryFolder(), 'locked-test.json');
    const entry = async (name: string) => ({
      name,
      patient: name,
      patientSha256: patientSha256(name),
      files: [
        { name: 't2.nii', sha256: await sha256OfFile(join(cases, name, 't2.nii')) },
        { name: 't1.nii', sha256: await sha256OfFile(join(cases, name, 't1.nii')) },
      ],
      voxels: { target: 'b'.repeat(64), reference: null },
    });
    const manifest = async (...names: string[]) =>
      lockedText({
        format: 'tandem-locked-test',
        formatVersion: 1,
        written: new Date().toISOString(),
        software: 'test',
        target: 't2',
        reference: 't1',
        cases: await Promise.all(names.map(entry)),
      });
    await writeFile(locked, await manifest('bert', 'cora'));
    const both = [join(cases, 'bert'), join(cases, 'cora')];
    const { report } = await judge({ thresholds: good, locked, test: both, tuned: base });
    expect(report.testSet.manifestSha256).toBe(await sha256OfFile(locked));
    await expect(judge({ thresholds: good, locked, test: [both[0]!], tuned: base })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringContaining('cora is missing'),
    });
    await expect(judge({ thresholds: good, locked, tuned: base })).rejects.toMatchObject({
      code: 'bad-training-data',
      message: expect.stringContaining('anna-v1 was not locked'),
    });

    const { locked: set } = await readLockedSet(locked);
    const other = { name: 'x', patient: 'x', files: [{ name: 't2.nii', sha256: 'c'.repeat(64) }] };
    expect(() => refuseLocked(set, [other])).not.toThrow();
    expect(() => refuseLocked(set, [other, { ...other, name: 'y', patient: 'cora' }])).toThrow(/y is cora/);
    expect(() => refuseLocked(set, [{ ...other, files: set.cases[0]!.files }])).toThrow(/x is bert/);
    expect(() => refuseLocked(set, [other], { target: 'b'.repeat(64), reference: null })).toThrow(
      /x is bert/,
    );
  }, 180_000);

  it('leaves nothing behind when it is cancelled', async () => {
    const out = join(await temporaryFolder(), 'out');
    const stop = new AbortController();
    const job: JobContext = {
      signal: stop.signal,
      progress: ({ stage }) => {
        if (stage === 'enhancing') stop.abort();
      },
    };
    const path = await thresholds([{ quantity: 'psnrInside', atLeast: 0 }]);
    await expect(judge({ thresholds: path, out }, job)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(readdir(out)).rejects.toMatchObject({ code: 'ENOENT' });
  }, 60_000);
});
