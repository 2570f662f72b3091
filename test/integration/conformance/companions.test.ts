import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import { invertAffine } from '../../../src/core/volume/rigid.ts';
import type { SliceStack } from '../../../src/core/volume/sliceStack.ts';
import { companionOperation } from '../../../src/main/export/companionOperation.ts';
import { writeTransform } from '../../../src/main/registration/transformFile.ts';
import { loadSeries } from '../../../src/main/studies/load.ts';
import { resolveSeries } from '../../../src/main/studies/resolve.ts';
import { validateFiles } from '../../../src/main/validate/validateFiles.ts';
import { type Exported, exportZeroFilled, type OpenSource, openSources } from './cases.ts';
import {
  dcentvfySays,
  dciodvfyErrors,
  dcmtkMatrices,
  dcmtkReads,
  dsrdumpSays,
  missingJudges,
  pydicomReads,
  type ReadByPydicom,
  type ReadFrame,
  skippedWithout,
} from './judges.ts';

const SAME_MM = 1e-6;
const MOTION = rigidMotion([3, -2, 5], [4.25, -1.5, 2]);
const VOLUME_ML = 12.345678901234567;

/** Words of our own that the character set of a source can say: then its patient's name stays the bytes it is. */
function wordsOf({ name }: OpenSource) {
  if (/^(canon|hitachi)/.test(name)) return { first: '壊死', second: '浮腫 2', person: '鈴木^一郎' };
  if (name.startsWith('uih')) return { first: '坏死', second: '水肿 2', person: '王^小东' };
  if (name.startsWith('bruker')) return { first: 'νέκρωση', second: '浮腫 🧠', person: 'Ωμέγα^Άλφα' };
  return { first: 'Nekrose größer', second: 'Ödem 2', person: 'Müller^Jörg' };
}

/** The companions of one series, and what they must say. */
interface Beside {
  readonly name: string;
  readonly source: OpenSource;
  /** The series that they stand beside: a source, or an enhanced series of ours. */
  readonly stack: SliceStack;
  readonly seg: string;
  readonly map: string;
  readonly reg: string;
  readonly report: string;
}
/**
 * dcentvfy takes the Accession Number of every report, whatever its value, for an attribute of another level than
 * that of images. It must be there (type 2, General Study).
 */
const ACCESSION_OF_REPORTS =
  /^Warning - Different information entities for attribute - Element=<AccessionNumber> IE <Series> versus <Study> .*report\.dcm>$/;

const KINDS = ['seg', 'map', 'reg', 'report'] as const;

/** Label 1 in the lower left of the first slices, label 2 in a row of the last. */
function labelOf(stack: SliceStack, k: number, n: number): number {
  const [row, column] = [Math.floor(n / stack.columns), n % stack.columns];
  const last = stack.slices.length - 1;
  if (k < Math.max(1, last) && row > stack.rows / 2 && column < 5 + k) return 1;
  return k === last && row === 3 ? 2 : 0;
}

const title = `companions, held against other people’s readers${skippedWithout}`;
describe.skipIf(missingJudges.length > 0)(title, { timeout: 300_000 }, () => {
  let root: string;
  let sources: OpenSource[];
  const enhanced: Exported[] = [];
  const all: Beside[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tandem-conformance-'));
    sources = await openSources(root);
    for (const source of sources) {
      // Where a source can be Enhanced MR, its enhanced series is: companions of both forms are made.
      const one = await exportZeroFilled(
        root,
        source,
        2,
        source.kind === 'enhanced' ? 'enhanced' : 'classic',
      );
      enhanced.push(one);
      const ofSource = { paths: [source.folder], series: source.entry.summary.uid };
      const ofEnhanced = { paths: [], series: one.folder };
      all.push(await companionsOf(source.name, source, source.stack, ofSource, ofEnhanced));
      // Beside an enhanced series all is alike whatever it came from: every second one will do.
      if (enhanced.length % 2 === 0) continue;
      const entry = await resolveSeries(ofEnhanced, QUIET_JOB);
      const { stack } = await loadSeries(entry, QUIET_JOB);
      all.push(await companionsOf(`${source.name} ×2`, source, stack, ofEnhanced, ofSource));
    }
  }, 300_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  type Selector = Extract<RequestInput<'exportCompanion'>, { kind: 'segmentation' }>['series'];

  async function companionsOf(
    name: string,
    source: OpenSource,
    stack: SliceStack,
    series: Selector,
    other: Selector,
  ): Promise<Beside> {
    const folder = join(root, 'companions', name);
    await mkdir(folder, { recursive: true });
    const made = { name, source, stack, seg: '', map: '', reg: '', report: '' };
    for (const kind of KINDS) made[kind] = join(folder, `${kind}.dcm`);
    const run = (request: RequestInput<'exportCompanion'>) =>
      companionOperation(operations.exportCompanion.request.parse(request), QUIET_JOB);
    const volume = stackToVolume(stack);
    const plane = stack.columns * stack.rows;
    const labels = volume.voxels.map((_, at) => labelOf(stack, Math.floor(at / plane), at % plane));
    const [labelsFile, valuesFile] = [join(folder, 'labels.nii'), join(folder, 'values.nii')];
    await writeFile(labelsFile, encodeNifti({ ...volume, voxels: labels }));
    await writeFile(valuesFile, encodeNifti({ ...volume, voxels: volume.voxels.map((value) => value / 7) }));
    const transform = join(folder, 'motion.tfm');
    await writeTransform(transform, MOTION);
    const words = wordsOf(source);
    const segments = [
      { value: 1, meaning: 'necrosis', label: words.first },
      { value: 2, meaning: 'edema', label: words.second },
    ];
    await run({ kind: 'segmentation', series, labels: labelsFile, segments, out: made.seg });
    await run({
      kind: 'parametric-map',
      series,
      values: valuesFile,
      quantity: 'uncertainty',
      out: made.map,
    });
    await run({ kind: 'spatial-registration', target: series, reference: other, transform, out: made.reg });
    const measurements = join(folder, 'measurements.json');
    const group = { finding: 'edema', findingSite: 'brain' };
    const volumes = [{ name: 'volume', value: VOLUME_ML, units: 'ml' }];
    await writeFile(
      measurements,
      JSON.stringify({
        person: words.person,
        groups: [
          {
            ...group,
            trackingId: words.second,
            segment: { file: made.seg, number: 2 },
            measurements: volumes,
          },
          {
            trackingId: 'whole',
            measurements: [{ name: 'intensity', value: -0.125, derivation: 'minimum' }],
          },
        ],
      }),
    );
    await run({ kind: 'measurement-report', series, measurements, out: made.report });
    return made;
  }

  it('have no error of dciodvfy', async () => {
    const files = all.flatMap((one) => KINDS.map((kind) => one[kind]));
    const errors = await dciodvfyErrors([...files, ...sources.map((source) => source.files[0]!)]);
    const wrong: Record<string, string[]> = {};
    for (const { name, source, ...one } of all) {
      // One scanner's study and frame of reference have the same UID: a companion can have no other ones.
      const known = errors.get(source.files[0]!)!.filter((line) => line.includes('has same value as'));
      for (const kind of KINDS) {
        for (const line of new Set(errors.get(one[kind])!)) {
          if (known.includes(line)) continue;
          wrong[line] ??= [];
          wrong[line].push(`${name} ${kind}`);
        }
      }
    }
    expect(wrong).toEqual({});
  });

  it('agree with their study, source and enhanced series, to dcentvfy', async () => {
    const said: Record<string, string> = {};
    for (const source of sources) {
      const ours = enhanced.find((one) => one.source === source)!;
      const beside = all.filter((one) => one.source === source);
      const files = [
        ...source.files,
        ...ours.files,
        ...beside.flatMap((one) => KINDS.map((kind) => one[kind])),
      ];
      const answer = (await dcentvfySays(files))
        .split('\n')
        .filter((line) => line !== '' && !ACCESSION_OF_REPORTS.test(line));
      if (answer.length > 0) said[source.name] = answer.slice(0, 3).join('\n');
    }
    expect(said).toEqual({});
  });

  it('are read by pydicom and dcmtk as the same voxels, bit for bit, in the same place', async () => {
    const bySeg = pydicomReads(all.map(({ seg }) => ({ files: [seg] })));
    const byMap = pydicomReads(all.map(({ map }) => ({ files: [map] })));
    const sha = (values: Uint8Array | Float32Array) =>
      createHash('sha256')
        .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
        .digest('hex');
    for (const [n, { name, stack, seg, map }] of all.entries()) {
      const pixels = stack.columns * stack.rows;
      const slices = [...stack.slices.keys()];
      const frames = [1, 2].flatMap((value) =>
        slices.flatMap((k) => {
          const bits = Uint8Array.from({ length: pixels }, (_, at) =>
            labelOf(stack, k, at) === value ? 1 : 0,
          );
          return bits.includes(1) ? [{ k, sha: sha(bits) }] : [];
        }),
      );
      const planes = slices.map((k) => ({ k, sha: sha(stack.slices[k]!.pixels.map((value) => value / 7)) }));
      for (const [read, wanted, what] of [
        [bySeg[n]!.frames, frames, 'SEG, pydicom'],
        [await dcmtkReads([seg], join(root, 'scratch')), frames, 'SEG, dcmtk'],
        [byMap[n]!.frames, planes, 'map, pydicom'],
        [await dcmtkReads([map], join(root, 'scratch')), planes, 'map, dcmtk'],
      ] as const) {
        expect(
          read.map((frame) => frame.sha),
          `${name}: ${what}`,
        ).toEqual(wanted.map((frame) => frame.sha));
        for (const [f, { k }] of wanted.entries()) expectPlace(read[f]!, stack, k, `${name}: ${what}`);
      }
      for (const [read, wanted] of [
        [bySeg[n]!.frames, frames],
        [byMap[n]!.frames, planes],
      ] as const) {
        for (const [f, { k }] of wanted.entries()) {
          const { sopInstanceUid, frame, tile } = stack.slices[k]!.source!;
          const named = [sopInstanceUid, frame === undefined ? [] : [frame + 1]];
          // Pixels of a mosaic's tile are not at the pixels of the mosaic.
          expect(read[f]!.sources, name).toEqual([[...named, tile === undefined ? 'YES' : 'NO']]);
        }
      }
    }
  });

  it('name matrices, numbers and images that pydicom and dcmtk read back', () => {
    const read = pydicomReads(all.flatMap((one) => KINDS.map((kind) => ({ files: [one[kind]] }))));
    const [segs, maps, registrations, reports] = KINDS.map((_, kind) =>
      all.map((_, n) => read[n * KINDS.length + kind]!),
    ) as [ReadByPydicom[], ReadByPydicom[], ReadByPydicom[], ReadByPydicom[]];
    const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const inverse = [...invertAffine(MOTION).flat(), 0, 0, 0, 1];
    for (const [n, { name, stack, reg, report }] of all.entries()) {
      for (const found of [
        registrations[n]!.registrations!.map(({ matrix }) => matrix),
        dcmtkMatrices(reg),
      ]) {
        expect(found, name).toHaveLength(2);
        const off = found.flat().map((value, at) => Math.abs(value - [...identity, ...inverse][at]!));
        expect(Math.max(...off), name).toBeLessThan(1e-9);
      }
      const uids = new Set(stack.slices.map(({ source }) => source!.sopInstanceUid));
      const named = new Set(registrations[n]!.registrations![0]!.images.map(([uid]) => uid));
      expect(uids.isSubsetOf(named), name).toBe(true);
      const { numbers, texts, names, images } = reports[n]!.report!;
      expect(numbers, name).toEqual([VOLUME_ML, -0.125]);
      const words = wordsOf(all[n]!.source);
      expect(texts, name).toContain(words.second);
      expect(names, name).toEqual([words.person]);
      expect(uids.isSubsetOf(new Set(images.map(([uid]) => uid))), name).toBe(true);
      expect(segs[n]!.labels, name).toEqual([words.first, words.second]);
      for (const { patient } of [registrations[n]!, reports[n]!])
        expect(patient, name).toBe(segs[n]!.patient);
      for (const list of [segs, maps, registrations, reports]) {
        for (const described of Object.values(list[n]!.schemes)) expect(described, name).toBeTruthy();
      }
      expect(maps[n]!.schemes, name).toHaveProperty('99TANDEM');
      const { tree, problems } = dsrdumpSays(report);
      expect(problems, name).toBe('');
      expect(tree, name).toMatch(/contains NUM:\(118565006,SCT,"Volume"\)="12.3456789012346" \(ml,UCUM/);
    }
  });

  it('are UTF-8 as a whole where words are of no set that the source has, and names are the same ones', async () => {
    for (const [name, label] of [
      ['canon-axial-generated', 'größer'],
      ['ge-axial-generated', '浮腫'],
      ['uih-axial-generated', 'больше 🧠'],
    ] as const) {
      const beside = all.find((one) => one.name === name)!;
      const out = join(root, `${name}-utf8.dcm`);
      const request: RequestInput<'exportCompanion'> = {
        kind: 'segmentation',
        series: { paths: [], series: beside.source.folder },
        labels: join(root, 'companions', name, 'labels.nii'),
        segments: [
          { value: 1, meaning: 'necrosis', label },
          { value: 2, meaning: 'edema', tracking: { id: `${label} 2`, uid: '2.25.77' } },
        ],
        out,
      };
      const made = await companionOperation(operations.exportCompanion.request.parse(request), QUIET_JOB);
      expect(made.validation, name).toMatchObject({ errors: 0, dciodvfy: { errors: [] } });
      const [source, seg] = pydicomReads([{ files: [beside.source.files[0]!] }, { files: [out] }]);
      expect(seg!.labels, name).toEqual([label, 'Edema']);
      expect(seg!.patient, name).toBe(source!.patient);
      expect((await readFile(out)).includes('ISO_IR 192'), name).toBe(true);
      expect((await readFile(beside.seg)).includes('ISO_IR 192'), name).toBe(false);
    }
  });

  it('have no error of our own check', async () => {
    const wrong: Record<string, unknown> = {};
    for (const source of sources) {
      const beside = all.filter((one) => one.source === source);
      const ours = enhanced.find((one) => one.source === source)!;
      const { findings } = await validateFiles(
        {
          files: beside.flatMap((one) => KINDS.map((kind) => one[kind])),
          source: [...new Set([...source.entry.files, ...ours.files])],
          ours: true,
          judged: 0,
        },
        QUIET_JOB,
      );
      const errors = findings.filter(({ severity, ofSource }) => severity === 'error' && !ofSource);
      if (errors.length > 0)
        wrong[source.name] = errors.map(({ code, tag, message }) => [code, tag, message]);
    }
    expect(wrong).toEqual({});
  });
});

function expectPlace(frame: Omit<ReadFrame, 'sha'>, stack: SliceStack, k: number, name: string): void {
  const read = [...frame.position, ...frame.orientation, ...frame.spacing];
  const { positionLps } = stack.slices[k]!;
  const { iAxisLps, jAxisLps, spacingMm } = stack;
  const wanted = [...positionLps, ...iAxisLps, ...jAxisLps, spacingMm[1], spacingMm[0]];
  const worst = Math.max(...read.map((value, n) => Math.abs(value - wanted[n]!)));
  expect(worst, `${name}, slice ${k}: off`).toBeLessThan(SAME_MM);
}
