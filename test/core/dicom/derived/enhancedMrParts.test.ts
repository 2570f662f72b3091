import { describe, expect, it } from 'vitest';
import { classicFrame } from '../../../../src/core/dicom/derived/classicFrame.ts';
import { codeItem } from '../../../../src/core/dicom/derived/codes.ts';
import {
  type DataSet,
  decimals,
  doubles,
  sequence,
  shorts,
  text,
} from '../../../../src/core/dicom/derived/dataSet.ts';
import { E } from '../../../../src/core/dicom/derived/enhancedMrTags.ts';
import { GroupSharing } from '../../../../src/core/dicom/derived/groupSharing.ts';
import { realWorldMapping } from '../../../../src/core/dicom/derived/realWorldMapping.ts';
import { doublesOf, itemOf } from '../../../../src/core/dicom/derived/values.ts';

describe('real world value mapping', () => {
  const item: DataSet = [
    text(E.LUTExplanation, 'LO', 'ADC'),
    text(E.LUTLabel, 'SH', 'ADC'),
    sequence(E.MeasurementUnitsCodeSequence, codeItem({ value: 'um2/s', scheme: 'UCUM', meaning: 'um2/s' })),
    doubles(E.RealWorldValueSlope, 2),
    doubles(E.RealWorldValueIntercept, 7),
    shorts(E.RealWorldValueFirstValueMapped, [0]),
    shorts(E.RealWorldValueLastValueMapped, [4095]),
  ];
  const group = (dataSet: DataSet) => sequence(E.RealWorldValueMappingSequence, dataSet);

  it('says of the new stored values what it said of the old ones', () => {
    const rescale = { slope: 0.5, intercept: -3 };
    const factor = 2;
    const kept = realWorldMapping(group(item), { ...rescale, factor, signed: true })!;
    const after = itemOf([kept], kept.tag);
    const [slope] = doublesOf(after, E.RealWorldValueSlope);
    const [intercept] = doublesOf(after, E.RealWorldValueIntercept);
    for (const old of [0, 1, 100, 4095]) {
      const stored = (old * rescale.slope + rescale.intercept) * factor;
      expect(slope! * stored + intercept!).toBeCloseTo(2 * old + 7, 9);
    }
  });

  it.each([
    ['it has no explanation', item.filter(({ tag }) => tag !== E.LUTExplanation)],
    ['it is a lookup table', item.filter(({ tag }) => tag !== E.RealWorldValueSlope)],
  ])('is left out where %s', (_, incomplete) => {
    expect(realWorldMapping(group(incomplete), { slope: 1, intercept: 0, factor: 1, signed: false })).toBe(
      undefined,
    );
  });
});

describe('functional groups', () => {
  const measures = (mm: number) => sequence(E.PixelMeasuresSequence, [decimals(E.SliceThickness, mm)]);
  const echo = (ms: number) => sequence(E.MREchoSequence, [doubles(E.EffectiveEchoTime, ms)]);
  const position = (z: number) =>
    sequence(E.PlanePositionSequence, [decimals(E.ImagePositionPatient, 0, 0, z)]);
  const tags = (dataSet: DataSet) => dataSet.map(({ tag }) => tag);

  it('are shared where all frames have the same, and never by the first frames alone', () => {
    const sharing = new GroupSharing();
    for (const [n, ms] of [10, 10, 20].entries()) sharing.add([measures(2), echo(ms), position(n)]);
    const { shared, perFrame } = sharing.finish();
    expect(tags(shared)).toEqual([E.PixelMeasuresSequence]);
    expect(perFrame.map((frame) => doublesOf(itemOf(frame, E.MREchoSequence), E.EffectiveEchoTime))).toEqual([
      [10],
      [10],
      [20],
    ]);
  });

  it('that one frame alone has are its own; the position is the frame’s even where there is one', () => {
    const sharing = new GroupSharing();
    sharing.add([measures(2), position(0)]);
    expect(tags(sharing.finish().perFrame[0]!)).toEqual([E.PlanePositionSequence]);
    sharing.add([position(1)]);
    expect(sharing.finish().shared).toEqual([]);
  });
});

it('the contrast agent of a frame is in words in a classic image', () => {
  const agent = codeItem({ value: 'C-B03CA', scheme: 'SRT', meaning: 'Gadodiamide' });
  const source: DataSet = [
    sequence(E.ContrastBolusAgentSequence, agent),
    sequence(E.PerFrameFunctionalGroupsSequence, []),
  ];
  const words = classicFrame(source, 0).find(({ tag }) => tag === E.ContrastBolusAgent)!.value as Uint8Array;
  expect(String.fromCharCode(...words)).toBe('Gadodiamide');
});
