import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataElement, type DataSet, mergeDataSets } from '../../../src/core/dicom/derived/dataSet.ts';
import {
  type AttributeDictionary,
  loadAttributeDictionary,
  loadVrDictionary,
} from '../../../src/core/dicom/derived/dictionary.ts';
import { NO_UNITS, parametricMapDataSet, QUANTITIES } from '../../../src/core/dicom/derived/parametricMap.ts';
import { planesOfStack } from '../../../src/core/dicom/derived/planes.ts';
import { segmentationDataSet } from '../../../src/core/dicom/derived/segmentation.ts';
import { SEGMENT_MEANINGS } from '../../../src/core/dicom/derived/segmentCodes.ts';
import { spatialRegistrationDataSet } from '../../../src/core/dicom/derived/spatialRegistration.ts';
import {
  MEASURED,
  structuredReportDataSet,
  UNITS,
} from '../../../src/core/dicom/derived/structuredReport.ts';
import { SEGMENTATION_STORAGE } from '../../../src/core/dicom/derived/uids.ts';
import type { CheckedObject } from '../../../src/core/dicom/validate/checkedObject.ts';
import { Validation, type ValidationOptions } from '../../../src/core/dicom/validate/validate.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { exportEnhanced } from '../../../src/main/export/exportEnhanced.ts';
import { readCheckedObject } from '../../../src/main/validate/checkedFile.ts';
import { FACTS, phantomSources, writeDicom } from '../export/companionSeries.ts';
import { zeroFilledSeries } from '../export/enhancedSeries.ts';

export const COMPANIONS = ['segmentation', 'map', 'registration', 'report'] as const;
export type Companion = (typeof COMPANIONS)[number];

export interface GoodObjects {
  readonly dictionary: AttributeDictionary;
  readonly enhancedFolder: string;
  readonly companionFolder: string;
  readonly sourceFolder: string;
  /** An enhanced series, slice by slice. */
  readonly enhanced: readonly CheckedObject[];
  readonly companions: Readonly<Record<Companion, CheckedObject>>;
  /** Both series that the others were made from. */
  readonly source: readonly CheckedObject[];
}

/** A phantom study, its target enhanced, and one companion of each kind, read as validation reads them. */
export async function goodObjects(root: string): Promise<GoodObjects> {
  const sourceFolder = join(root, 'study');
  const [target, reference] = await phantomSources(sourceFolder, { contrasts: ['t2', 't1'], slices: 5 });
  const enhancedFolder = join(root, 'enhanced');
  const series = await zeroFilledSeries(target!.folder, reference!.folder);
  const { files } = await exportEnhanced(series, enhancedFolder, 'dicom', QUIET_JOB);
  const { source, stack } = target!;
  const planes = planesOfStack(stack);
  const facts = (n: number) => ({ ...FACTS, seriesUid: `2.25.${n}1`, sopInstanceUid: `2.25.${n}2` });
  const algorithm = { type: 'AUTOMATIC', name: 'Net', version: '1.0.0' } as const;
  const labels = stack.slices.map(({ pixels }, k) =>
    Uint8Array.from(pixels, (_, n) => (n % 5 === 0 ? 1 : k > 2 && n % 5 === 1 ? 2 : 0)),
  );
  const dataSets: Record<Companion, DataSet> = {
    segmentation: segmentationDataSet(
      source,
      { planes, slices: labels },
      [
        { value: 1, label: 'Lesion', ...SEGMENT_MEANINGS.lesion!, algorithm },
        { value: 2, label: 'Edema', ...SEGMENT_MEANINGS.edema!, algorithm: { type: 'MANUAL', name: '' } },
      ],
      facts(31),
    ),
    map: parametricMapDataSet(
      source,
      { planes, slices: stack.slices.map(({ pixels }) => pixels) },
      { quantity: QUANTITIES.probability, units: NO_UNITS, label: 'p', explanation: 'Probability' },
      facts(32),
    ),
    registration: spatialRegistrationDataSet(
      source,
      reference!.source,
      rigidMotion([1, 2, 3], [4, 5, 6]),
      facts(33),
    ),
    report: structuredReportDataSet(
      source,
      {
        person: 'Doe^Jane',
        groups: [
          {
            trackingId: 'lesion',
            trackingUid: '2.25.901',
            segment: {
              segmentation: {
                studyUid: source.studyUid,
                seriesUid: '2.25.311',
                sopClassUid: SEGMENTATION_STORAGE,
                sopInstanceUid: '2.25.312',
              },
              number: 1,
            },
            source,
            measurements: [{ name: MEASURED.volume, value: 1.5, units: UNITS.ml }],
          },
        ],
      },
      facts(34),
    ),
  };
  const companionFolder = join(root, 'companions');
  await mkdir(companionFolder);
  const dictionary = await loadAttributeDictionary();
  const vrOf = await loadVrDictionary();
  const read = (path: string) => readCheckedObject(path, vrOf);
  const companions = {} as Record<Companion, CheckedObject>;
  for (const kind of COMPANIONS) {
    companions[kind] = await read(await writeDicom(companionFolder, `${kind}.dcm`, dataSets[kind]));
  }
  const sources: CheckedObject[] = [];
  for (const { folder } of [target!, reference!]) {
    for (const name of (await readdir(folder)).sort()) sources.push(await read(join(folder, name)));
  }
  return {
    dictionary,
    enhancedFolder,
    companionFolder,
    sourceFolder,
    enhanced: await Promise.all(files.map(read)),
    companions,
    source: sources,
  };
}

/** What validation says of objects. */
export function check(
  { dictionary, source }: GoodObjects,
  objects: readonly CheckedObject[],
  options: ValidationOptions & { readonly sources?: readonly CheckedObject[] } = {},
) {
  const validation = new Validation({ dictionary, ...options });
  for (const object of objects) validation.add(object);
  if (options.hasSource === true)
    for (const object of options.sources ?? source) validation.addSource(object);
  return validation.finish();
}

/** An object with elements set, at the top or, by a path of tags, in the first item of each sequence. */
export function withElement(
  object: CheckedObject,
  element: DataElement,
  path: readonly number[] = [],
): CheckedObject {
  return changed(object, path, (dataSet) => mergeDataSets(dataSet, [padded(element)]));
}

/** As it would stand in a file: of even length. */
function padded(element: DataElement): DataElement {
  const { vr, value } = element;
  if (!(value instanceof Uint8Array) || value.length % 2 === 0 || vr === 'US') return element;
  const even = new Uint8Array(value.length + 1).fill(vr === 'UI' ? 0 : 0x20);
  even.set(value);
  return { ...element, value: even };
}

export function without(object: CheckedObject, tag: number, path: readonly number[] = []): CheckedObject {
  return changed(object, path, (dataSet) => dataSet.filter((element) => element.tag !== tag));
}

function changed(object: CheckedObject, path: readonly number[], change: (dataSet: DataSet) => DataSet) {
  return { ...object, dataSet: inside(object.dataSet, path, change) };
}

function inside(dataSet: DataSet, path: readonly number[], change: (dataSet: DataSet) => DataSet): DataSet {
  const [tag, ...rest] = path;
  if (tag === undefined) return change(dataSet);
  return dataSet.map((element) => {
    if (element.tag !== tag || element.value instanceof Uint8Array) return element;
    const [first, ...others] = element.value;
    return { ...element, value: [inside(first!, rest, change), ...others] };
  });
}
