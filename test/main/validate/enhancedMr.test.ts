import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { integers, longs, pointers, sequence, text } from '../../../src/core/dicom/derived/dataSet.ts';
import { loadAttributeDictionary, loadVrDictionary } from '../../../src/core/dicom/derived/dictionary.ts';
import { E } from '../../../src/core/dicom/derived/enhancedMrTags.ts';
import { ENHANCED_MR_IMAGE_STORAGE } from '../../../src/core/dicom/derived/uids.ts';
import { formatTag } from '../../../src/core/dicom/tags.ts';
import type { CheckedObject } from '../../../src/core/dicom/validate/checkedObject.ts';
import { ENHANCED_MR_IMAGE_GROUPS } from '../../../src/core/dicom/validate/modules/enhancedMrImage.ts';
import { sopClassOf } from '../../../src/core/dicom/validate/sopClasses.ts';
import { Validation } from '../../../src/core/dicom/validate/validate.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { readCheckedObject } from '../../../src/main/validate/checkedFile.ts';
import { phantomSeries } from '../export/phantomSeries.ts';
import { withElement, without } from './goodObjects.ts';

let root: string;
let good: CheckedObject;
let sources: CheckedObject[];
let dictionary: Awaited<ReturnType<typeof loadAttributeDictionary>>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-validate-mr-'));
  const series = await phantomSeries(join(root, 'study'), { contrasts: ['t2', 't1'], slices: 4, matrix: 16 });
  const out = join(root, 'out');
  const { files } = await exportEnhanced(series, out, 'dicom', QUIET_JOB, { as: 'enhanced' });
  dictionary = await loadAttributeDictionary();
  const vrOf = await loadVrDictionary();
  good = await readCheckedObject(files[0]!, vrOf);
  const from = [...series.target.files, ...series.reference!.files];
  sources = await Promise.all(from.map((path) => readCheckedObject(path, vrOf)));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function check(object: CheckedObject) {
  const validation = new Validation({ dictionary, hasSource: true });
  validation.add(object);
  for (const source of sources) validation.addSource(source);
  return validation.finish().findings;
}

it('finds nothing in an Enhanced MR image that was written, and knows its class', () => {
  expect(check(good)).toEqual([]);
});

const SHARED = E.SharedFunctionalGroupsSequence;
const PER_FRAME = E.PerFrameFunctionalGroupsSequence;
type Change = (object: CheckedObject) => CheckedObject;

it.each<readonly [string, Change, string, number]>([
  [
    'Image Type SECONDARY',
    (o) => withElement(o, text(E.ImageType, 'CS', 'DERIVED', 'SECONDARY', 'OTHER', 'RESAMPLED')),
    'value-not-allowed',
    E.ImageType,
  ],
  [
    'three values of Image Type',
    (o) => withElement(o, text(E.ImageType, 'CS', 'DERIVED', 'PRIMARY', 'OTHER')),
    'wrong-multiplicity',
    E.ImageType,
  ],
  [
    'a component that there is not',
    (o) => withElement(o, text(E.ComplexImageComponent, 'CS', 'UNKNOWN')),
    'value-not-allowed',
    E.ComplexImageComponent,
  ],
  [
    'a frame that is MIXED',
    (o) => withElement(o, text(E.ComplexImageComponent, 'CS', 'MIXED'), [SHARED, E.MRImageFrameTypeSequence]),
    'value-not-allowed',
    E.ComplexImageComponent,
  ],
  [
    'frames without anatomy',
    (o) => without(o, E.FrameAnatomySequence, [SHARED]),
    'missing',
    E.FrameAnatomySequence,
  ],
  [
    'a side that there is not',
    (o) => withElement(o, text(E.FrameLaterality, 'CS', 'X'), [SHARED, E.FrameAnatomySequence]),
    'value-not-allowed',
    E.FrameLaterality,
  ],
  [
    'a derived frame that names no derivation',
    (o) => without(o, E.DerivationImageSequence, [PER_FRAME]),
    'missing',
    E.DerivationImageSequence,
  ],
  [
    'source images without evidence',
    (o) => without(o, E.SourceImageEvidenceSequence),
    'missing',
    E.SourceImageEvidenceSequence,
  ],
  [
    'a stack without place',
    (o) => without(o, E.InStackPositionNumber, [PER_FRAME, E.FrameContentSequence]),
    'missing',
    E.InStackPositionNumber,
  ],
  [
    'a dimension that no frame has',
    (o) => withElement(o, pointers(E.DimensionIndexPointer, 0x00209128), [E.DimensionIndexSequence]),
    'frames',
    E.DimensionIndexPointer,
  ],
  [
    'a dimension of another organization',
    (o) => withElement(o, text(E.DimensionOrganizationUID, 'UI', '1.2.3'), [E.DimensionIndexSequence]),
    'frames',
    E.DimensionOrganizationUID,
  ],
  [
    'a place that does not follow the positions',
    (o) => withElement(o, longs(E.DimensionIndexValues, 1, 9), [PER_FRAME, E.FrameContentSequence]),
    'frames',
    E.DimensionIndexValues,
  ],
  ['more frames than groups', (o) => withElement(o, integers(E.NumberOfFrames, 9)), 'frames', PER_FRAME],
  [
    'an agent without number',
    (o) => withElement(o, sequence(E.ContrastBolusAgentSequence, [text(E.CodeMeaning, 'LO', 'x')])),
    'missing',
    E.ContrastBolusAgentNumber,
  ],
  [
    'contrast that no frame uses',
    (o) => withElement(o, sequence(E.ContrastBolusAgentSequence, [])),
    'missing',
    E.ContrastBolusUsageSequence,
  ],
  [
    'a window that is half',
    (o) => without(o, E.WindowWidth, [SHARED, E.FrameVOILUTSequence]),
    'missing',
    E.WindowWidth,
  ],
  [
    'an original without pulse sequence',
    (o) => withElement(o, text(E.ImageType, 'CS', 'ORIGINAL', 'PRIMARY', 'M', 'NONE')),
    'missing',
    E.PulseSequenceName,
  ],
  [
    'no mark for research',
    (o) => withElement(o, text(E.ContentQualification, 'CS', 'PRODUCT')),
    'no-research-mark',
    E.ContentQualification,
  ],
])('finds %s', (_, change, code, tag) => {
  const found = check(change(good)).find((one) => one.code === code && one.tag.endsWith(formatTag(tag)));
  expect(found, JSON.stringify(check(change(good)))).toMatchObject({ severity: 'error' });
});

it('finds every group and attribute that always has to be there', () => {
  const { module } = sopClassOf(ENHANCED_MR_IMAGE_STORAGE);
  for (const { tag, type, when } of module) {
    if (when !== undefined || type === 3 || tag === E.SOPClassUID) continue;
    const missing = check(without(good, tag));
    expect(
      missing.some((one) => one.code === 'missing' && one.tag === formatTag(tag)),
      formatTag(tag),
    ).toBe(true);
  }
  for (const { tag, when } of ENHANCED_MR_IMAGE_GROUPS) {
    if (when !== undefined) continue;
    const missing = check(without(without(good, tag, [SHARED]), tag, [PER_FRAME]));
    expect(
      missing.some((one) => one.code === 'missing' && one.tag.endsWith(formatTag(tag))),
      formatTag(tag),
    ).toBe(true);
  }
});
