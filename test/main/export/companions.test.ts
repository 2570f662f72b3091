import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cieLab } from '../../../src/core/dicom/derived/cieLab.ts';
import { mergeDataSets, sequence, text } from '../../../src/core/dicom/derived/dataSet.ts';
import { encodeDicomFile } from '../../../src/core/dicom/derived/encode.ts';
import { NO_UNITS, parametricMapDataSet, QUANTITIES } from '../../../src/core/dicom/derived/parametricMap.ts';
import { planesOfGrid, planesOfStack } from '../../../src/core/dicom/derived/planes.ts';
import { type Segment, segmentationDataSet } from '../../../src/core/dicom/derived/segmentation.ts';
import { SEGMENT_MEANINGS } from '../../../src/core/dicom/derived/segmentCodes.ts';
import { spatialRegistrationDataSet } from '../../../src/core/dicom/derived/spatialRegistration.ts';
import {
  MEASURED,
  STATISTICS,
  structuredReportDataSet,
  UNITS,
} from '../../../src/core/dicom/derived/structuredReport.ts';
import { SEGMENTATION_STORAGE } from '../../../src/core/dicom/derived/uids.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { applyAffine } from '../../../src/core/volume/affine.ts';
import { stackToVolume } from '../../../src/core/volume/convert.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import { hasPydicom, pydicomSays } from '../../helpers/pydicom.ts';
import { findTool } from '../../helpers/tools.ts';
import { FACTS, ORIENTATIONS, type PhantomSource, phantomSources, writeDicom } from './companionSeries.ts';

let root: string;
const studies = new Map<string, readonly [PhantomSource, PhantomSource]>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-companions-'));
  for (const orientation of ORIENTATIONS) {
    const made = await phantomSources(join(root, orientation), {
      contrasts: ['t2', 't1'],
      orientation,
      sliceGapMm: 0.7,
    });
    studies.set(orientation, [made[0]!, made[1]!]);
  }
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const algorithm = { type: 'AUTOMATIC', name: 'Segmentation network', version: '1.2.0' } as const;
const SEGMENTS: readonly Segment[] = [
  {
    value: 1,
    label: 'Necrosis',
    ...SEGMENT_MEANINGS.necrosis!,
    algorithm,
    colorRgb: [255, 0, 0],
    tracking: { id: 'lesion 1', uid: '2.25.901' },
  },
  {
    value: 2,
    label: 'Edema',
    ...SEGMENT_MEANINGS.edema!,
    algorithm: { type: 'SEMIAUTOMATIC', name: 'Hand and machine' },
  },
  {
    value: 4,
    label: 'Enhancing',
    ...SEGMENT_MEANINGS['enhancing-lesion']!,
    algorithm: { type: 'MANUAL', name: '' },
  },
];

/** Labels that tell slices apart: label 1 on slices 1 and 2, label 4 on 2 and 3, each in its own corner. */
function labelsOn({ stack }: PhantomSource): Uint8Array[] {
  const { columns, rows } = stack;
  return stack.slices.map((_, k) => {
    const slice = new Uint8Array(columns * rows);
    if (k === 1 || k === 2) for (let n = 0; n <= k; n++) slice[(2 + k) * columns + 3 + n] = 1;
    if (k === 2 || k === 3) for (let n = 0; n <= k; n++) slice[(9 + k) * columns + 11 + n] = 4;
    return slice;
  });
}

const segmentationOf = (series: PhantomSource) =>
  segmentationDataSet(
    series.source,
    { planes: planesOfStack(series.stack), slices: labelsOn(series) },
    SEGMENTS,
    FACTS,
  );
const mapOf = (series: PhantomSource) =>
  parametricMapDataSet(
    series.source,
    {
      planes: planesOfStack(series.stack),
      slices: series.stack.slices.map(({ pixels }) => pixels.map((v) => v / 7)),
    },
    {
      quantity: QUANTITIES['reference-influence'],
      units: NO_UNITS,
      label: 'influence',
      explanation: 'Influence',
    },
    FACTS,
  );
const MOTION = rigidMotion([3, -2, 5], [4.25, -1.5, 2]);
const registrationOf = (target: PhantomSource, reference: PhantomSource) =>
  spatialRegistrationDataSet(target.source, reference.source, MOTION, FACTS);
const reportOf = ({ source }: PhantomSource) =>
  structuredReportDataSet(
    source,
    {
      person: 'Doe^Jane',
      groups: [
        {
          trackingId: 'lesion 1',
          trackingUid: '2.25.901',
          finding: SEGMENT_MEANINGS.necrosis!.type,
          findingSite: SEGMENT_MEANINGS.brain!.type,
          segment: {
            segmentation: {
              studyUid: source.studyUid,
              seriesUid: '2.25.101',
              sopClassUid: SEGMENTATION_STORAGE,
              sopInstanceUid: '2.25.102',
            },
            number: 1,
          },
          source,
          measurements: [
            { name: MEASURED.volume, value: 12.345678901234567, units: UNITS.ml },
            { name: MEASURED.intensity, value: 100.25, units: UNITS['1'], derivation: STATISTICS.mean },
          ],
        },
        {
          trackingId: 'whole series',
          trackingUid: '2.25.902',
          source,
          measurements: [
            { name: MEASURED.intensity, value: 1500, units: UNITS['1'], derivation: STATISTICS.maximum },
          ],
        },
      ],
    },
    FACTS,
  );

const items = (set: dicomParser.DataSet, tag: string) =>
  (set.elements[tag]?.items ?? []).map((item) => item.dataSet!);
const numbers = (set: dicomParser.DataSet, tag: string) => set.string(tag)!.split('\\').map(Number);
const parsed = (dataSet: Parameters<typeof encodeDicomFile>[0]) =>
  dicomParser.parseDicom(encodeDicomFile(dataSet));

describe.each(ORIENTATIONS)('%s', (orientation) => {
  const study = () => studies.get(orientation)!;

  it('a segmentation’s frames hold the slices that lie where they say, in ascending order', () => {
    const [target] = study();
    const set = parsed(segmentationOf(target));
    const frames = items(set, 'x52009230');
    const labels = labelsOn(target);
    expect(frames).toHaveLength(4);
    const { columns, rows } = target.stack;
    const element = set.elements.x7fe00010!;
    const bytes = set.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
    const seen = frames.map((frame, f) => {
      const number = items(frame, 'x0062000a')[0]!.uint16('x0062000b')!;
      const position = numbers(items(frame, 'x00209113')[0]!, 'x00200032');
      const k = target.stack.slices.findIndex(({ positionLps }) =>
        positionLps.every((value, n) => Math.abs(value - position[n]!) < 1e-6),
      );
      for (let n = 0; n < rows * columns; n++) {
        const at = f * rows * columns + n;
        const bit = (bytes[at >> 3]! >> (at & 7)) & 1;
        expect(bit === 1, `frame ${f} pixel ${n}`).toBe(labels[k]![n] === SEGMENTS[number - 1]!.value);
      }
      const references = items(items(frame, 'x00089124')[0]!, 'x00082112');
      expect(references.map((reference) => reference.string('x00081155'))).toEqual([
        target.stack.slices[k]!.source!.sopInstanceUid,
      ]);
      expect(references[0]!.string('x0028135a')).toBe('YES');
      return [number, k];
    });
    expect(seen).toEqual([
      [1, 1],
      [1, 2],
      [3, 2],
      [3, 3],
    ]);
  });

  it('a grid whose slices run against the normal gives the same frames', () => {
    const [target] = study();
    const { grid } = stackToVolume(target.stack);
    const last = grid.size[2] - 1;
    const [i, j, k] = grid.axesLps;
    const turned = {
      ...grid,
      originLps: applyAffine(
        [
          [1, 0, 0, k[0] * grid.spacingMm[2] * last],
          [0, 1, 0, k[1] * grid.spacingMm[2] * last],
          [0, 0, 1, k[2] * grid.spacingMm[2] * last],
        ],
        grid.originLps,
      ),
      axesLps: [i, j, k.map((value) => -value) as unknown as Vec3] as const,
    };
    const planes = planesOfGrid(turned);
    expect(planes.sliceOf[0]).toBe(last);
    const labels = labelsOn(target).reverse();
    const slices = planes.sliceOf.map((n) => labels[n]!);
    const turnedSet = parsed(segmentationDataSet(target.source, { planes, slices }, SEGMENTS, FACTS));
    const plain = parsed(segmentationOf(target));
    const pixels = (set: dicomParser.DataSet) => {
      const { dataOffset, length } = set.elements.x7fe00010!;
      return Buffer.from(set.byteArray.subarray(dataOffset, dataOffset + length)).toString('hex');
    };
    expect(pixels(turnedSet)).toBe(pixels(plain));
    const positions = (set: dicomParser.DataSet) =>
      items(set, 'x52009230').flatMap((frame) => numbers(items(frame, 'x00209113')[0]!, 'x00200032'));
    positions(turnedSet).forEach((value, n) => {
      expect(value).toBeCloseTo(positions(plain)[n]!, 6);
    });
  });

  it('a registration takes reference coordinates to the target’s, in the sense of the standard', () => {
    const [target, reference] = study();
    const set = parsed(registrationOf(target, reference));
    const [ofTarget, ofReference] = items(set, 'x00700308').map((item) =>
      numbers(items(items(item, 'x00700309')[0]!, 'x0070030a')[0]!, 'x300600c6'),
    );
    expect(ofTarget).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    const point: Vec3 = [12, -34, 56];
    const inReference = applyAffine(MOTION, point);
    const m = ofReference!;
    [0, 4, 8].forEach((row, axis) => {
      const back =
        m[row]! * inReference[0] + m[row + 1]! * inReference[1] + m[row + 2]! * inReference[2] + m[row + 3]!;
      expect(back).toBeCloseTo(point[axis]!, 9);
    });
    expect(m.slice(12)).toEqual([0, 0, 0, 1]);
    const named = items(set, 'x00700308').map((item) => items(item, 'x00081140').length);
    expect(named).toEqual([target.stack.slices.length, reference.stack.slices.length]);
  });

  const dciodvfy = findTool('dciodvfy');
  it.skipIf(dciodvfy === undefined)(
    'every kind passes dciodvfy without an error [needs dciodvfy]',
    { timeout: 60_000 },
    async () => {
      const [target, reference] = study();
      const kinds = {
        seg: segmentationOf(target),
        map: mapOf(target),
        reg: registrationOf(target, reference),
        sr: reportOf(target),
      };
      for (const [name, dataSet] of Object.entries(kinds)) {
        const path = await writeDicom(join(root, `judged-${orientation}`), `${name}.dcm`, dataSet);
        const { stderr } = spawnSync(dciodvfy!, [path], { encoding: 'utf8' });
        expect(stderr, name).toMatch(/Segmentation|ParametricMap|SpatialRegistration|Comprehensive3DSR/);
        expect(stderr, name).not.toMatch(/Error/);
      }
    },
  );

  it.skipIf(!hasPydicom)(
    'pydicom reads back the same voxels and the same places, to 1e-6 mm [needs pydicom]',
    { timeout: 60_000 },
    async () => {
      const [target] = study();
      const folder = join(root, `read-${orientation}`);
      const seg = await writeDicom(folder, 'seg.dcm', segmentationOf(target));
      const map = await writeDicom(folder, 'map.dcm', mapOf(target));
      const read = pydicomSays<
        readonly { shape: number[]; places: Vec3[]; axes: number[]; spacing: number[]; pixels: number[] }[]
      >(
        `out = []
for path in sys.argv[1:]:
    d = pydicom.dcmread(path)
    shared = d.SharedFunctionalGroupsSequence[0]
    out.append(dict(
        shape=list(d.pixel_array.shape),
        places=[[float(v) for v in f.PlanePositionSequence[0].ImagePositionPatient] for f in d.PerFrameFunctionalGroupsSequence],
        axes=[float(v) for v in shared.PlaneOrientationSequence[0].ImageOrientationPatient],
        spacing=[float(v) for v in shared.PixelMeasuresSequence[0].PixelSpacing] + [float(shared.PixelMeasuresSequence[0].SpacingBetweenSlices)],
        pixels=[float(v) for v in d.pixel_array.ravel()]))
print(json.dumps(out))`,
        seg,
        map,
      );
      const { stack } = target;
      const planes = planesOfStack(stack);
      for (const { axes, spacing } of read) {
        [...stack.iAxisLps, ...stack.jAxisLps].forEach((value, n) => {
          expect(Math.abs(axes[n]! - value)).toBeLessThan(1e-6);
        });
        [stack.spacingMm[1], stack.spacingMm[0], planes.stepMm!].forEach((value, n) => {
          expect(Math.abs(spacing[n]! - value)).toBeLessThan(1e-6);
        });
      }
      const [ofSeg, ofMap] = read;
      const labels = labelsOn(target);
      const slices = [1, 2, 2, 3];
      expect(ofSeg!.shape).toEqual([4, stack.rows, stack.columns]);
      expect(ofSeg!.pixels).toEqual(
        slices.flatMap((k, f) => Array.from(labels[k]!, (value) => (value === (f < 2 ? 1 : 4) ? 1 : 0))),
      );
      expect(ofMap!.pixels).toEqual(
        stack.slices.flatMap(({ pixels }) => Array.from(pixels.map((value) => value / 7))),
      );
      const places = [...slices, ...stack.slices.keys()].map((k) => stack.slices[k]!.positionLps);
      [...ofSeg!.places, ...ofMap!.places].forEach((place, n) => {
        place.forEach((value, axis) => {
          expect(Math.abs(value - places[n]![axis]!)).toBeLessThan(1e-6);
        });
      });
    },
  );
});

describe('a segmentation', () => {
  const target = () => studies.get('axial')![0];

  it('names what its segments are, how they were found, in which colour, by codes', () => {
    const set = parsed(segmentationOf(target()));
    const [first, , third] = items(set, 'x00620002');
    const codeOf = (segment: dicomParser.DataSet, tag: string) => {
      const code = items(segment, tag)[0]!;
      return [code.string('x00080100'), code.string('x00080102')];
    };
    expect(codeOf(first!, 'x0062000f')).toEqual(['6574001', 'SCT']);
    expect(codeOf(third!, 'x0062000f')).toEqual(['C113842', 'NCIt']);
    expect(codeOf(first!, 'x00620003')).toEqual(['49755003', 'SCT']);
    expect(first!.string('x00620008')).toBe('AUTOMATIC');
    expect(codeOf(items(first!, 'x00620007')[0]!, 'x0066002f')).toEqual(['123110', 'DCM']);
    expect(third!.elements.x00620009).toBeUndefined();
    expect(set.string('x00200052')).toBe(target().source.frameOfReferenceUid);
    expect(set.string('x0020000d')).toBe(target().source.studyUid);
    expect(items(items(set, 'x00081115')[0]!, 'x0008114a')).toHaveLength(target().stack.slices.length);
  });

  it('shows sRGB’s corners where CIELab has them', () => {
    expect(cieLab([255, 255, 255])).toEqual([65535, expect.closeTo(32896, -2), expect.closeTo(32896, -2)]);
    expect(cieLab([0, 0, 0])).toEqual([0, 32896, 32896]);
    // L 54.29, a 80.81, b 69.89 (D50).
    const [l, a, b] = cieLab([255, 0, 0]);
    expect((l / 65535) * 100).toBeCloseTo(54.29, 1);
    expect((a / 65535) * 255 - 128).toBeCloseTo(80.81, 1);
    expect((b / 65535) * 255 - 128).toBeCloseTo(69.89, 1);
  });

  it('is refused where the labelmap is empty, of another size, or has a label that nobody described', () => {
    const planes = planesOfStack(target().stack);
    const make = (slices: Uint8Array[]) =>
      segmentationDataSet(target().source, { planes, slices }, SEGMENTS, FACTS);
    const empty = labelsOn(target()).map((slice) => slice.fill(0));
    expect(() => make(empty)).toThrow(/none of its labels/);
    expect(() => make(empty.slice(1))).toThrow(/slices or the size/);
    empty[0]![5] = 3;
    expect(() => make(empty)).toThrow(/value 3, which no segment has/);
  });
});

describe('a report', () => {
  const dsrdump = findTool('dsrdump');
  it.skipIf(dsrdump === undefined)(
    'is read by dcmtk as the tree that it is, numbers exact [needs dcmtk]',
    async () => {
      const path = await writeDicom(join(root, 'report'), 'sr.dcm', reportOf(studies.get('axial')![0]));
      const { stdout, stderr, status } = spawnSync(dsrdump!, ['+Pc', path], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('(126000,DCM,"Imaging Measurement Report")');
      expect(stdout).toMatch(/has obs context PNAME.*Doe\^Jane/);
      expect(stdout).toMatch(/contains IMAGE:.*Referenced Segment.*\(SG image,,1\)/);
      expect(stdout).toMatch(/contains NUM:\(118565006,SCT,"Volume"\)="12.3456789012346" \(ml,UCUM/);
      expect(stdout).toMatch(/has concept mod CODE:\(121401,DCM,"Derivation"\)=\(373098007,SCT,"Mean"\)/);
      expect(stdout.match(/Measurement Group/g)).toHaveLength(2);
    },
  );

  it('lists everything that it names as evidence, and refuses what is no number', () => {
    const { source } = studies.get('axial')![0];
    const set = parsed(reportOf(studies.get('axial')![0]));
    const series = items(items(set, 'x0040a375')[0]!, 'x00081115');
    expect(series.map((one) => items(one, 'x00081199').length)).toEqual([source.instances.length, 1]);
    const group = { trackingId: 'a', trackingUid: '2.25.9', source };
    const make = (value: number) =>
      structuredReportDataSet(
        source,
        { groups: [{ ...group, measurements: [{ name: MEASURED.volume, value, units: UNITS.ml }] }] },
        FACTS,
      );
    expect(() => make(Number.NaN)).toThrow(/not a finite number/);
    expect(() => structuredReportDataSet(source, { groups: [] }, FACTS)).toThrow(/no measurement/);
  });
});

it('a registration that is not rigid is refused', () => {
  const [target, reference] = studies.get('axial')!;
  const stretched = [[1.01, 0, 0, 0], MOTION[1], MOTION[2]] as unknown as typeof MOTION;
  expect(() => spatialRegistrationDataSet(target.source, reference.source, stretched, FACTS)).toThrow(
    /not a rotation/,
  );
});

it('what a source says of its patient in a wrong form is not repeated; what is right is', () => {
  const { source } = studies.get('axial')![0];
  const dataSet = mergeDataSets(source.dataSet, [
    text(0x00101010, 'AS', '45'),
    text(0x00101030, 'DS', 'about 80'),
    text(0x00101020, 'DS', '1.80'),
    sequence(0x00081084),
  ]);
  const set = parsed(
    registrationOf({ ...studies.get('axial')![0], source: { ...source, dataSet } }, studies.get('axial')![1]),
  );
  expect([set.elements.x00101010, set.elements.x00101030, set.elements.x00081084]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(set.string('x00101020')).toBe('1.80');
  expect(set.string('x00100020')).toMatch(/^PHANTOM-/);
});
