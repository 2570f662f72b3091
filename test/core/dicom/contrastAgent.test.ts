import { describe, expect, it } from 'vitest';
import { parseDataSet } from '../../../src/core/dicom/dataSet.ts';
import { readInstances } from '../../../src/core/dicom/instance.ts';
import { TAG } from '../../../src/core/dicom/tags.ts';
import { cs, dicomFile, ds, type Elements, is, lo, mrSlice, ui, us } from '../../helpers/dicomBuilder.ts';
import { sq } from '../../helpers/sequenceBuilder.ts';

/** What is read of each image's contrast agent. */
function agentsIn(elements: Elements): string[] {
  const bytes = dicomFile(elements);
  const parsed = parseDataSet(bytes, { fileBytes: bytes.length });
  if ('more' in parsed) throw new Error('more wanted of a whole file');
  return readInstances(parsed.dataSet, '/data/file.dcm', bytes.length).map(
    ({ facts }) => facts.contrastAgent,
  );
}

const agent = (number: number, meaning: string): Elements => ({
  [TAG.CodeValue]: { vr: 'SH', value: 'C-B03A0' },
  [TAG.CodeMeaning]: lo(meaning),
  [TAG.ContrastBolusAgentNumber]: us(number),
});
const usage = (number: number, administered: string): Elements => ({
  [TAG.ContrastBolusAgentNumber]: us(number),
  [TAG.ContrastBolusAgentAdministered]: cs(administered),
});

const usages = (...items: readonly Elements[]): Elements => ({
  [TAG.ContrastBolusUsageSequence]: sq(items),
});

/** One object of two agents, with the functional groups of its frames beside their positions. */
function enhanced(frames: readonly Elements[], shared: Elements = {}): Elements {
  return mrSlice({
    pixels: Array.from({ length: 12 * frames.length }, (_, n) => n),
    extra: {
      [TAG.SOPClassUID]: ui('1.2.840.10008.5.1.4.1.1.4.1'),
      [TAG.NumberOfFrames]: is(frames.length),
      [TAG.ContrastBolusAgentSequence]: sq([agent(1, 'Gadobutrol'), agent(2, 'Ferumoxytol')]),
      [TAG.SharedFunctionalGroupsSequence]: sq([shared]),
      [TAG.PerFrameFunctionalGroupsSequence]: sq(
        frames.map((groups, n) => ({
          ...groups,
          [0x00209113]: sq([{ [TAG.ImagePositionPatient]: ds(0, 0, 3 * n) }]),
        })),
      ),
    },
  });
}

describe('contrast agents', () => {
  it('are named in words by classic images, or by their codes where the words are missing', () => {
    expect(agentsIn(mrSlice({ extra: { [TAG.ContrastBolusAgent]: lo('Dotarem') } }))).toEqual(['Dotarem']);
    const coded = { [TAG.ContrastBolusAgentSequence]: sq([agent(1, 'Gadobutrol')]) };
    expect(agentsIn(mrSlice({ extra: coded }))).toEqual(['Gadobutrol']);
    expect(agentsIn(mrSlice({ extra: { ...coded, [TAG.ContrastBolusAgent]: lo('Gadovist') } }))).toEqual([
      'Gadovist',
    ]);
    expect(agentsIn(mrSlice({}))).toEqual(['']);
  });

  it('are those that had been given when a frame was acquired', () => {
    const before = usages(usage(1, 'NO'), usage(2, 'NO'));
    const after = usages(usage(1, 'YES'), usage(2, 'NO'));
    expect(agentsIn(enhanced([before, after]))).toEqual(['', 'Gadobutrol']);
  });

  it('count as given where frames say nothing, and for all frames where the shared group says it', () => {
    expect(agentsIn(enhanced([{}]))).toEqual(['Gadobutrol, Ferumoxytol']);
    const shared = usages(usage(1, 'NO'));
    expect(agentsIn(enhanced([{}, usages(usage(2, 'NO'))], shared))).toEqual(['Ferumoxytol', 'Gadobutrol']);
  });
});
