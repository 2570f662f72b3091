import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assembleSeries } from '../../../src/core/dicom/assemble.ts';
import { parseDataSet } from '../../../src/core/dicom/dataSet.ts';
import { type Instance, readInstances } from '../../../src/core/dicom/instance.ts';
import { csaNumbers, readCsa } from '../../../src/core/dicom/siemensCsa.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import type { Vec3 } from '../../../src/core/volume/vec.ts';
import { dataRoot } from '../../helpers/data.ts';
import {
  cs,
  dicomFile,
  ds,
  type Element,
  type Elements,
  is,
  lo,
  mrSeries,
  mrSlice,
  ui,
  us,
} from '../../helpers/dicomBuilder.ts';
import { sq } from '../../helpers/sequenceBuilder.ts';
import { codeOf } from './helpers.ts';

const imagesOf = (elements: Elements): Instance[] => {
  const bytes = dicomFile(elements);
  const result = parseDataSet(bytes, { fileBytes: bytes.length });
  if ('more' in result) throw new Error('more wanted of a whole file');
  return readInstances(result.dataSet, '/data/file.dcm', bytes.length);
};
const fd = (...value: number[]): Element => ({ vr: 'FD', value });
const ul = (...value: number[]): Element => ({ vr: 'UL', value });

interface FrameOptions {
  readonly position: Vec3;
  readonly echoTimeMs?: number;
  readonly stack?: string;
  readonly time?: number;
  readonly b?: number;
  readonly component?: string;
  readonly slope?: number;
}

/** An enhanced object, its shared orientation and spacing, and frames that say the rest. */
function enhanced(frames: readonly FrameOptions[], length: 'defined' | 'undefined' = 'defined'): Elements {
  const perFrame = frames.map((frame): Elements => {
    const content = {
      [TAG.StackId]: lo(frame.stack ?? '1'),
      [TAG.TemporalPositionIndex]: ul(frame.time ?? 1),
    };
    return {
      [0x00189114]: sq([{ [TAG.EffectiveEchoTime]: fd(frame.echoTimeMs ?? 90) }], length),
      [0x00189117]: sq([{ [TAG.DiffusionBValue]: fd(frame.b ?? 0) }], length),
      [0x00189226]: sq([{ [TAG.ComplexImageComponent]: cs(frame.component ?? 'MAGNITUDE') }], length),
      [0x00209111]: sq([content], length),
      [0x00209113]: sq([{ [TAG.ImagePositionPatient]: ds(...frame.position) }], length),
      [0x00289145]: sq(
        [{ [TAG.RescaleIntercept]: ds(-10), [TAG.RescaleSlope]: ds(frame.slope ?? 2) }],
        length,
      ),
    };
  });
  const shared: Elements = {
    [0x00209116]: sq([{ [TAG.ImageOrientationPatient]: ds(1, 0, 0, 0, 1, 0) }], length),
    [0x00289110]: sq([{ [TAG.SliceThickness]: ds(2), [TAG.PixelSpacing]: ds(0.8, 0.5) }], length),
  };
  return mrSlice({
    pixels: Array.from({ length: 12 * frames.length }, (_, n) => n),
    extra: {
      [TAG.SOPClassUID]: ui('1.2.840.10008.5.1.4.1.1.4.1'),
      [TAG.NumberOfFrames]: is(frames.length),
      [TAG.ImagePositionPatient]: undefined,
      [TAG.ImageOrientationPatient]: undefined,
      [TAG.PixelSpacing]: undefined,
      [TAG.SliceThickness]: undefined,
      [TAG.EchoTime]: undefined,
      [TAG.SharedFunctionalGroupsSequence]: sq([shared], length),
      [TAG.PerFrameFunctionalGroupsSequence]: sq(perFrame, length),
    },
  });
}

/** The image moved to where all are: what coincides is counted in order. */
const atOnePlace = (image: Instance): Instance => ({
  ...image,
  geometry: { ...image.geometry!, positionLps: [0, 0, 0] },
});

const along = (count: number, options: Omit<FrameOptions, 'position'> = {}): FrameOptions[] =>
  Array.from({ length: count }, (_, n) => ({ position: [0, 0, 3 * n], ...options }));

describe('enhanced multi-frame objects', () => {
  it.each(['defined', 'undefined'] as const)('have an image a frame, sequences of %s length', (length) => {
    const images = imagesOf(enhanced(along(4, { slope: 0.5 }), length));
    expect(images.map(({ frame, geometry }) => [frame, geometry!.positionLps[2]])).toEqual([
      [0, 0],
      [1, 3],
      [2, 6],
      [3, 9],
    ]);
    expect(images[2]).toMatchObject({ sliceThicknessMm: 2, component: 'magnitude' });
    expect(images[2]!.geometry!.spacingMm).toEqual([0.5, 0.8]);
    expect(images[2]!.format).toMatchObject({ frames: 4, slope: 0.5, intercept: -10 });
    expect(images[2]!.facts.echoTimeMs).toBe(90);
  });

  it('hold what frames share once', () => {
    const [first, second] = imagesOf(enhanced(along(2)));
    expect(second!.facts).toBe(first!.facts);
    expect(second!.format).toBe(first!.format);
    expect(second!.geometry!.iAxisLps).toBe(first!.geometry!.iAxisLps);
  });

  it.each([
    ['echoes', [...along(3), ...along(3, { echoTimeMs: 20 })], ['echo 1', 'echo 2']],
    ['magnitude and phase', [...along(3, { component: 'PHASE' }), ...along(3)], ['magnitude', 'phase']],
    [
      'temporal positions',
      [...along(3), ...along(3, { time: 2 })],
      ['temporal position 1', 'temporal position 2'],
    ],
    ['b-values', [...along(3), ...along(3, { b: 800 })], ['b = 0 s/mm²', 'b = 800 s/mm²']],
    ['stacks', [...along(3), ...along(3, { stack: '2' })], ['stack “1”', 'stack “2”']],
  ] as const)('are split by %s', (_, frames, parts) => {
    const series = assembleSeries(imagesOf(enhanced(frames)));
    expect(series.map(({ part }) => part)).toEqual(parts);
    for (const { instances } of series) {
      expect(instances.map(({ geometry }) => geometry!.positionLps[2])).toEqual([0, 3, 6]);
    }
  });

  describe('split over several files (concatenations)', () => {
    /** Part n of an object whose six frames lie in parts of two, out of their order in the file names. */
    const part = (n: number, total?: number): Instance[] => {
      const frames = along(6).slice(2 * (n - 1), 2 * n);
      const all: Elements = total === undefined ? {} : { [TAG.InConcatenationTotalNumber]: us(total) };
      const elements: Elements = {
        ...enhanced(frames),
        [TAG.SOPInstanceUID]: ui(`1.2.3.8.${n}`),
        [TAG.ConcatenationUID]: ui('1.2.3.7'),
        [TAG.InConcatenationNumber]: us(n),
        ...all,
      };
      return imagesOf(elements).map((image) => ({ ...image, path: `/data/${9 - n}.dcm` }));
    };

    it('are one series, whatever the order of the files', () => {
      const series = assembleSeries([...part(3, 3), ...part(1, 3), ...part(2, 3)]);
      expect(series).toHaveLength(1);
      expect(series[0]!.warnings).toEqual([]);
      expect(series[0]!.instances.map(({ geometry }) => geometry!.positionLps[2])).toEqual([
        0, 3, 6, 9, 12, 15,
      ]);
      expect(series[0]!.instances.map(({ concatenation, frame }) => [concatenation!.part, frame])).toEqual([
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
        [3, 0],
        [3, 1],
      ]);
    });

    it('count repetitions part by part', () => {
      const series = assembleSeries([...part(3), ...part(2), ...part(1)].map(atOnePlace));
      expect(series.map(({ instances }) => instances[0]!.concatenation!.part)).toEqual([1, 1, 2, 2, 3, 3]);
    });

    it.each([
      ['the last of three', [1, 2], 3, 'part 3 of 3 is'],
      ['the first two, the number of parts not being said', [3], undefined, 'parts 1, 2 of 3 are'],
    ] as const)('say so where %s is missing', (_, there, total, words) => {
      const [series] = assembleSeries(there.flatMap((n) => part(n, total)));
      expect(series!.warnings).toMatchObject([{ code: 'gap', message: expect.stringContaining(words) }]);
    });
  });

  it('whose groups and frames disagree in number are refused', () => {
    const elements = enhanced(along(3));
    const pixels = { vr: 'OW', value: Array.from({ length: 12 * 4 }, () => 0) };
    const more = { ...elements, [TAG.NumberOfFrames]: is(4), [TAG.PixelData]: pixels };
    expect(codeOf(() => imagesOf(more))).toBe('bad-header');
    const { [TAG.PerFrameFunctionalGroupsSequence]: _, ...none } = elements;
    expect(codeOf(() => imagesOf(none))).toBe('unsupported-format');
  });
});

const CREATOR = { [0x00190010]: lo('SIEMENS MR HEADER') };

describe('mosaics', () => {
  const mosaic = (extra: Readonly<Record<number, Element | undefined>> = {}): Elements =>
    mrSlice({
      columns: 8,
      rows: 4,
      spacingMm: [2, 3],
      positionLps: [-8, -6, 5],
      extra: {
        ...CREATOR,
        [0x0019100a]: us(3),
        [TAG.ImageType]: cs('ORIGINAL', 'PRIMARY', 'M', 'MOSAIC'),
        [TAG.SpacingBetweenSlices]: ds(4),
        ...extra,
      },
    });

  it('have an image a tile, its corner half the difference of sizes from the mosaic’s', () => {
    const images = imagesOf(mosaic());
    expect(images.map(({ tile, rows, columns }) => [tile, rows, columns])).toEqual([
      [{ row: 0, column: 0 }, 2, 4],
      [{ row: 0, column: 4 }, 2, 4],
      [{ row: 2, column: 0 }, 2, 4],
    ]);
    // −8 + (8 − 4) / 2 · 2 mm, −6 + (4 − 2) / 2 · 3 mm; then 4 mm a slice.
    expect(images.map(({ geometry }) => geometry!.positionLps)).toEqual([
      [-4, -3, 5],
      [-4, -3, 9],
      [-4, -3, 13],
    ]);
    expect(images[0]!.geometryDoubt).toMatch(/which way/);
  });

  it('follow the direction that the scanner’s header gives', () => {
    const images = imagesOf(
      mosaic({
        [0x00290010]: lo('SIEMENS CSA HEADER'),
        [0x00291010]: { vr: 'OB', value: csa(['0', '0', '-1']) },
      }),
    );
    expect(images.map(({ geometry }) => geometry!.positionLps[2])).toEqual([5, 1, -3]);
    expect(images[0]!.geometryDoubt).toBeUndefined();
  });

  it('are refused where nothing says how many tiles, or they do not fit', () => {
    expect(codeOf(() => imagesOf(mosaic({ [0x00190010]: undefined })))).toBe('unsupported-format');
    expect(codeOf(() => imagesOf(mosaic({ [0x0019100a]: us(17) })))).toBe('bad-header');
  });
});

describe('grids of United Imaging', () => {
  const grid = (count: number, rows: number, columns: number, positions = count): Elements =>
    mrSlice({
      rows,
      columns,
      extra: {
        [TAG.ImageType]: cs('ORIGINAL', 'PRIMARY', 'M', 'VFRAME'),
        [0x00650010]: lo('Image Private Header'),
        [0x00651050]: ds(count),
        [0x00651051]: sq(
          Array.from({ length: positions }, (_, n) => ({ [TAG.ImagePositionPatient]: ds(1, 2, 3 * n) })),
        ),
      },
    });

  it('have no empty row of tiles: 7 are 3 in a row in 3 rows, 5 are 3 in a row in 2', () => {
    const five = imagesOf(grid(5, 4, 9));
    expect(five.map(({ tile, rows, columns }) => [tile!.row, tile!.column, rows, columns])).toEqual([
      [0, 0, 2, 3],
      [0, 3, 2, 3],
      [0, 6, 2, 3],
      [2, 0, 2, 3],
      [2, 3, 2, 3],
    ]);
    expect(five.map(({ geometry }) => geometry!.positionLps)).toEqual(
      [0, 1, 2, 3, 4].map((n) => [1, 2, 3 * n]),
    );
    expect(imagesOf(grid(7, 9, 9)).at(-1)!.tile).toEqual({ row: 6, column: 0 });
    expect(codeOf(() => imagesOf(grid(5, 9, 10)))).toBe('bad-header');
  });

  it('have no geometry where a tile’s position is not said', () => {
    const images = imagesOf(grid(5, 4, 9, 4));
    expect(images.map(({ geometry }) => geometry !== undefined)).toEqual([true, true, true, true, false]);
  });
});

/** A CSA header of the second form that holds SliceNormalVector. */
function csa(values: readonly string[]): Uint8Array {
  const tag = new DataView(new ArrayBuffer(84));
  for (const [n, character] of [...'SliceNormalVector'].entries()) tag.setUint8(n, character.charCodeAt(0));
  tag.setInt32(64, 3, true);
  tag.setInt32(76, values.length, true);
  tag.setInt32(80, 77, true);
  const items = values.map((value) => {
    const item = Buffer.alloc(16 + Math.ceil((value.length + 1) / 4) * 4);
    item.writeInt32LE(value.length + 1, 4);
    item.write(value, 16);
    return item;
  });
  const head = Buffer.from([...Buffer.from('SV10'), 4, 3, 2, 1, 1, 0, 0, 0, 77, 0, 0, 0]);
  return new Uint8Array(Buffer.concat([head, new Uint8Array(tag.buffer), ...items]));
}

describe('private elements', () => {
  const facts = (extra: Readonly<Record<number, Element>>) => imagesOf(mrSlice({ extra }))[0]!;

  it('give b-values of Siemens, GE with its flags, Philips and United Imaging', () => {
    expect(facts({ ...CREATOR, [0x0019100c]: is(700) }).facts.diffusionBValue).toBe(700);
    const ge = { [0x00430010]: lo('GEMS_PARM_01'), [0x00431039]: is(1_000_000_800, 8, 0, 0) };
    expect(facts(ge).facts.diffusionBValue).toBe(800);
    const float = new Uint8Array(new Float32Array([1500]).buffer);
    const philips = { [0x20010010]: lo('Philips Imaging DD 001'), [0x20011003]: { vr: 'FL', value: float } };
    expect(facts(philips).facts.diffusionBValue).toBe(1500);
    const uih = { [0x00650010]: lo('Image Private Header'), [0x00651009]: fd(600) };
    expect(facts(uih).facts.diffusionBValue).toBe(600);
  });

  it('give what United Imaging’s user chose where the sequence says no b-value, directions and repetitions', () => {
    const uih = (extra: Readonly<Record<number, Element>>) =>
      facts({ [0x00650010]: lo('Image Private Header'), ...extra });
    expect(uih({ [0x0065100a]: fd(1000) }).facts.diffusionBValue).toBe(1000);
    expect(uih({ [0x0065100a]: fd(1000), [0x00651009]: fd(990) }).facts.diffusionBValue).toBe(990);
    expect(uih({ [0x00651037]: fd(0, 0.6, 0.8) }).gradientDirection).toBe('0, 0.6, 0.8');
    expect(uih({ [0x0065102c]: is(3) }).temporalPosition).toBe(3);
    const said = { [0x0065102c]: is(3), [TAG.TemporalPositionIdentifier]: is(9) };
    expect(uih(said).temporalPosition).toBe(9);
  });

  it('give b-value and direction out of Toshiba’s and Canon’s comments, and out of nobody else’s', () => {
    const comment = (manufacturer: string, text: string) => {
      const { facts: found, gradientDirection } = facts({
        [0x00080070]: lo(manufacturer),
        [0x00204000]: { vr: 'LT', value: text },
      });
      return [found.diffusionBValue, gradientDirection];
    };
    expect(comment('CANON_MEC', 'b=1500(0.445,0.000,0.895)')).toEqual([1500, '0.45, 0, 0.9']);
    expect(comment('TOSHIBA_MEC', 'DWI b=800')).toEqual([800, undefined]);
    expect(comment('CANON_MEC', 'b=800(0.1,x,0.2)')).toEqual([800, undefined]);
    expect(comment('CANON_MEC', 'tab=800(1,0,0)')).toEqual([undefined, undefined]);
    expect(comment('SIEMENS', 'b=1500(0.445,0.000,0.895)')).toEqual([undefined, undefined]);
  });

  it('are found by their creator’s block, and not without it', () => {
    const moved = { [0x00190010]: lo('SOMEONE ELSE'), [0x00190011]: lo('SIEMENS MR HEADER') };
    expect(facts({ ...moved, [0x0019110c]: is(700) }).facts.diffusionBValue).toBe(700);
    expect(facts({ ...moved, [0x0019100c]: is(700) }).facts.diffusionBValue).toBeUndefined();
  });

  it('give the component where Image Type does not', () => {
    const plain = { [TAG.ImageType]: cs('ORIGINAL', 'PRIMARY', 'OTHER') };
    const ge = { [0x00430010]: lo('GEMS_PARM_01'), [0x0043102f]: us(3) };
    expect(facts({ ...plain, ...ge }).component).toBe('imaginary');
    const philips = { [0x20050010]: lo('Philips MR Imaging DD 001'), [0x20051011]: cs('P') };
    expect(facts({ ...plain, ...philips }).component).toBe('phase');
  });
});

describe('repetitions of classic images', () => {
  const parts = (files: readonly Elements[]) =>
    assembleSeries(files.flatMap((elements) => imagesOf(elements))).map(({ part, instances }) => [
      part,
      instances.length,
    ]);
  const acquisition = (number: number) => ({ extra: { [TAG.AcquisitionNumber]: is(number) } });

  it('are told apart by acquisition number, the last one cut short', () => {
    const files = [1, 2, 3].flatMap((n) => mrSeries(n === 3 ? [0, 2] : [0, 2, 4, 6], acquisition(n)));
    expect(parts(files)).toEqual([
      ['acquisition 1', 4],
      ['acquisition 2', 4],
      ['acquisition 3', 2],
    ]);
  });

  it('are counted where nothing tells them apart', () => {
    expect(parts([...mrSeries([0, 2, 4]), ...mrSeries([0, 2, 4])])).toEqual([
      ['repeat 1', 3],
      ['repeat 2', 3],
    ]);
  });

  it('are no crumbs: numbers that differ from slice to slice split nothing', () => {
    const files = [0, 2, 4, 6].map((z, n) =>
      mrSlice({ positionLps: [0, 0, z], instanceNumber: n, ...acquisition(n) }),
    );
    const twice = mrSlice({ positionLps: [0, 0, 4], instanceNumber: 9, ...acquisition(9) });
    expect(parts([...files, twice])).toEqual([['', 4]]);
  });
});

describe.skipIf(dataRoot() === undefined)('CSA headers [need shared data]', () => {
  const file = (name: string) => new Uint8Array(readFileSync(join(dataRoot() ?? '', 'hostile/dicom', name)));

  it('are read, and broken ones give fewer values and no error', () => {
    const csa = readCsa(file('csa2_b0.bin'));
    expect(csaNumbers(csa, 'B_value')).toEqual([0]);
    expect(csaNumbers(csa, 'NumberOfImagesInMosaic')).toEqual([48]);
    expect(csaNumbers(csa, 'SliceNormalVector')).toHaveLength(3);
    const whole = file('csa2_b0.bin');
    for (let length = 0; length < whole.length; length += 97) {
      expect(readCsa(whole.subarray(0, length)).size).toBeLessThanOrEqual(csa.size);
    }
    expect(readCsa(file('csa_str_1001n_items.bin')).size).toBeLessThanOrEqual(1);
  });
});
