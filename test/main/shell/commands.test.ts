import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import { parseArguments } from '../../../src/main/shell/cli/command.ts';
import { commands } from '../../../src/main/shell/cli/commands.ts';
import { describeProgress, ProgressLine } from '../../../src/main/shell/cli/progressLine.ts';

function requestOf(name: string, argv: string[]): unknown {
  const command = commands.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  return operations[command.operation].request.parse(command.request(parseArguments(command, argv)));
}

describe('the command line', () => {
  it('turns enhance’s arguments into a request', () => {
    const argv = 'study --target 6 --reference 5 --scale 2 --model srcnn-guided-x2 --out OUT'.split(' ');
    expect(requestOf('enhance', argv)).toEqual({
      target: { paths: [resolve('study')], series: '6' },
      reference: { paths: [resolve('study')], series: '5' },
      scale: 2,
      model: 'srcnn-guided-x2',
      device: 'auto',
      registration: 'rigid',
      acceptRegistration: false,
      out: resolve('OUT'),
      as: 'source',
      companions: [],
    });
  });

  it('de-identifies what enhance and export write in the same words', () => {
    const asked = ['--deidentify', '--deidentify-options', 'shift-dates,retain-device', '--key-file', 'k'];
    const expected = { options: ['shift-dates', 'retain-device'], keyFile: resolve('k') };
    const argv = 'S --target 6 --scale 2 --model m --out o --with registration'.split(' ');
    expect(requestOf('enhance', [...argv, ...asked])).toMatchObject({
      deidentify: expected,
      companions: ['registration'],
    });
    const report = 'S --series 6 --measurements m.json --out x.dcm'.split(' ');
    expect(requestOf('export report', [...report, ...asked])).toMatchObject({ deidentify: expected });
    expect(requestOf('enhance', [...argv, '--deidentify'])).toMatchObject({ deidentify: { options: [] } });
    expect(requestOf('enhance', [...argv, '--as', 'classic'])).toMatchObject({ as: 'classic' });
    expect(() => requestOf('enhance', [...argv, '--key-file', 'k'])).toThrow(/go with --deidentify/);
    expect(() => requestOf('enhance', [...argv, '--deidentify', '--deidentify-options', 'all'])).toThrow(
      /no option of de-identification/,
    );
  });

  it('takes a path as a series where no study is named', () => {
    expect(requestOf('enhance', '--target /t.nii.gz --scale 4 --model m --out o'.split(' '))).toMatchObject({
      target: { paths: [], series: '/t.nii.gz' },
      scale: 4,
    });
  });

  it('gives evaluate its cases and models, one by one or in a list', () => {
    const argv = '--target t2 --reference t1 --scale 2 --model one --models two,three --disturb --out o';
    expect(requestOf('evaluate', ['a', 'b', ...argv.split(' '), '--other-patient', 'c'])).toEqual({
      cases: [resolve('a'), resolve('b')],
      target: 't2',
      reference: 't1',
      scale: 2,
      models: ['one', 'two', 'three'],
      device: 'cpu',
      registration: 'none',
      disturb: true,
      otherPatient: resolve('c'),
      out: resolve('o'),
    });
    expect(requestOf('evaluate', 'a --target t2 --scale 4 --models all'.split(' '))).toMatchObject({
      models: 'all',
      disturb: false,
    });
    expect(requestOf('evaluate', 'a --target t2 --scale 4 --model m --model n'.split(' '))).toMatchObject({
      models: ['m', 'n'],
    });
  });

  it('gives models measure its models, cases and other patient', () => {
    const argv = 'one two --case a --case b --target t2 --reference t1 --disturb --other-patient c';
    expect(requestOf('models measure', argv.split(' '))).toEqual({
      models: ['one', 'two'],
      cases: [resolve('a'), resolve('b')],
      target: 't2',
      reference: 't1',
      disturb: true,
      otherPatient: resolve('c'),
    });
    expect(requestOf('models measure', ['one', '--case', 'a'])).toMatchObject({ disturb: false });
  });

  it('collects repeated cases and numbers for train', () => {
    const argv = '--network srcnn --scale 2 --case a --case b --steps 10 --out o --learning-rate 1e-3'.split(
      ' ',
    );
    expect(requestOf('train', argv)).toMatchObject({
      cases: [resolve('a'), resolve('b')],
      steps: 10,
      learningRate: 1e-3,
    });
  });

  it('takes several folders of cases behind one option, and names of patients beside folders', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-cases-'));
    try {
      const argv = ['--base', 'glmamba-x2', '--cases', 'a', 'b', '--steps', '9', '--test', folder, 'p7'];
      const more = ['--cases', 'c', '--out', 'o', '--last-stages', '--validation', 'p2'];
      expect(requestOf('finetune', [...argv, ...more])).toMatchObject({
        ...{ base: 'glmamba-x2', cases: ['a', 'b', 'c'].map((path) => resolve(path)), steps: 9 },
        ...{ test: [folder, 'p7'], validation: ['p2'], change: 'last-stages', out: resolve('o') },
      });
      expect(requestOf('finetune plan', argv)).toMatchObject({ test: [folder, 'p7'], change: 'all' });
      expect(requestOf('finetune', ['--resume', '--out', 'o'])).toMatchObject({ resume: true, cases: [] });
      expect(() => requestOf('finetune', ['a', '--cases', 'b', '--out', 'o'])).toThrow(/“a” stands behind/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('tells train its optimiser, average, schedule and device', () => {
    const argv =
      '--network srcnn --scale 2 --case a --steps 10 --out o --optimizer adamw --weight-decay 0.05 --clip-norm 1 ' +
      '--ema 0.99 --ema-start 20 --schedule step --warm-up 5 --recompute --device webgpu';
    expect(requestOf('train', argv.split(' '))).toMatchObject({
      optimizer: 'adamw',
      weightDecay: 0.05,
      clipNorm: 1,
      ema: 0.99,
      emaStart: 20,
      schedule: 'step',
      warmUp: 5,
      recompute: true,
      device: 'webgpu',
    });
  });

  it('takes a model as an id, or as a folder however it is written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-commands-'));
    const before = process.cwd();
    try {
      mkdirSync(join(folder, 'mine'));
      mkdirSync(join(folder, 'srcnn-x2'));
      process.chdir(folder);
      const modelOf = (name: string) =>
        (requestOf('models run', [name, '--inputs', 'i', '--out', 'o']) as { model: string }).model;
      expect(modelOf('mine')).toBe(resolve('mine'));
      expect(modelOf('./mine')).toBe(resolve('mine'));
      expect(modelOf('srcnn-x2')).toBe('srcnn-x2');
      expect(modelOf('./srcnn-x2')).toBe(resolve('srcnn-x2'));
      expect(modelOf('nowhere')).toBe('nowhere');
      expect(requestOf('models describe', ['mine'])).toMatchObject({ model: resolve('mine') });
      expect(
        requestOf('enhance', '--target /t.nii.gz --scale 2 --model mine --out o'.split(' ')),
      ).toMatchObject({ model: resolve('mine') });
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });

  it('gives phantom its motion', () => {
    expect(
      requestOf('phantom', '--out o --motion-deg 1,-2,3.5 --contrasts t2,flair'.split(' ')),
    ).toMatchObject({
      motionDeg: [1, -2, 3.5],
      contrasts: ['t2', 'flair'],
    });
  });

  it.each([
    ['enhance', '--target 6 --scale 3 --model m --out o', /scale is 2 or 4/],
    ['enhance', '--target 6 --scale 2 --out o', /--model is missing/],
    ['enhance', '--target 6 --scal 2', /--scal/],
    ['list', '', /Name a file or folder/],
    ['evaluate', 'a --target t2 --scale 2', /--model is missing/],
    ['evaluate', 'a --target t2 --scale 2 --models all --model m', /--models all/],
    ['evaluate', '--target t2 --scale 2 --models all', /Name a case folder/],
    ['train', '--network srcnn --scale 2 --case a --steps many --out o', /--steps takes a number/],
    ['phantom', '--out o --motion-mm 1,2', /three numbers/],
    ['models import', '--network sanet --weights w --out o --options {', /--options takes a JSON object/],
    ['models import', '--network sanet --out o', /--weights is missing/],
    ['models run', '--inputs i --out o', /Name a model/],
    ['models measure', 'one', /--case is missing/],
    ['models measure', '--case a', /Name a model/],
    ['models describe', 'a b', /one argument too many/],
  ])('%s %s is wrong usage', (name, argv, message) => {
    let error: unknown;
    try {
      requestOf(name, argv.split(' ').filter(Boolean));
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
  });

  it('reaches every operation but those that only a window needs', () => {
    const reached = new Set(commands.map((one) => one.operation));
    const missing = Object.keys(operations).filter((name) => !reached.has(name as never));
    expect(missing.sort()).toEqual([
      'alignmentKeep',
      'alignmentRecall',
      'browse',
      'enhancedSoFar',
      'export',
      'jobsSubmit',
      'labelmap',
      'libraryAcknowledge',
      'libraryEnhancement',
      'libraryThumbnail',
      'practice',
      'previewDeidentification',
      'recall',
      'recallOfStudy',
      'remember',
      'rememberOfStudy',
      'savePicture',
      'segmentationCompare',
      'segmentationCorrect',
      'segmentationExport',
      'volume',
    ]);
  });

  it('prints a line a tenth where stderr is no terminal', () => {
    const lines: string[] = [];
    const line = new ProgressLine({ isTTY: false, write: (text) => lines.push(text) });
    for (let done = 0; done <= 100; done++) line.show({ stage: 'enhancing', done, total: 100 });
    expect(lines).toHaveLength(11);
    expect(describeProgress({ stage: 'enhancing', done: 3, total: 55, secondsLeft: 12.2 })).toBe(
      'enhancing 3/55, 13 s left',
    );
    expect(describeProgress({ stage: 'reading', done: 64, total: 0 })).toBe('reading 64');
  });
});
