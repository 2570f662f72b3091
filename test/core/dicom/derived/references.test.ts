import { describe, expect, it } from 'vitest';
import { codeItem } from '../../../../src/core/dicom/derived/codes.ts';
import { copyAttributes } from '../../../../src/core/dicom/derived/copiedAttributes.ts';
import { type DataSet, sequence } from '../../../../src/core/dicom/derived/dataSet.ts';
import { type SeriesReference, sourceReferences } from '../../../../src/core/dicom/derived/references.ts';

const reference = (seriesUid: string, ...instances: string[]): SeriesReference => ({
  studyUid: '1.2',
  seriesUid,
  instances: instances.map((sopInstanceUid) => ({ sopClassUid: '1.9', sopInstanceUid })),
});

const itemsOf = (dataSet: DataSet, tag: number) =>
  dataSet.find((element) => element.tag === tag)!.value as readonly DataSet[];
const textOf = (item: DataSet, tag: number) =>
  String.fromCharCode(...(item.find((element) => element.tag === tag)!.value as Uint8Array));

describe('sourceReferences', () => {
  it('names a series once where two of its echoes are target and reference', () => {
    const references = sourceReferences(reference('1.2.3', '1.2.3.2'), reference('1.2.3', '1.2.3.1'));
    const [series, ...others] = itemsOf(references, 0x00081115);
    expect(others).toEqual([]);
    expect(itemsOf(series!, 0x0008114a).map((item) => textOf(item, 0x00081155))).toEqual([
      '1.2.3.2',
      '1.2.3.1',
    ]);
    const [related, ...more] = itemsOf(references, 0x00081250);
    expect(more).toEqual([]);
    const purposes = itemsOf(related!, 0x0040a170).map((item) => textOf(item, 0x00080100));
    expect(purposes).toEqual(['121323', '122401']);
    expect(itemsOf(references, 0x00082112)).toHaveLength(2);
  });

  it('names two series where there are two', () => {
    const references = sourceReferences(reference('1.2.3', '1.2.3.2'), reference('1.2.4', '1.2.4.1'));
    expect(itemsOf(references, 0x00081115).map((item) => textOf(item, 0x0020000e))).toEqual([
      '1.2.3',
      '1.2.4',
    ]);
    expect(itemsOf(references, 0x00081250)).toHaveLength(2);
  });
});

describe('copyAttributes', () => {
  it('keeps the anatomic region, which is the same in the enhanced slice', () => {
    const head = { value: '69536005', scheme: 'DCM', meaning: 'Head' } as const;
    const source = [sequence(0x00082218, codeItem(head))];
    expect(copyAttributes(source)).toEqual(source);
  });
});
