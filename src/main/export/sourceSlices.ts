import { classicFrame } from '../../core/dicom/derived/classicFrame.ts';
import type { DataSet as WritableDataSet } from '../../core/dicom/derived/dataSet.ts';
import { loadVrDictionary, type VrDictionary } from '../../core/dicom/derived/dictionary.ts';
import { markOfImage, type UnacceptedMark } from '../../core/dicom/derived/markOfImage.ts';
import { P } from '../../core/dicom/derived/provenanceBlock.ts';
import { readElements } from '../../core/dicom/derived/readElements.ts';
import { type Slab, slabOf } from '../../core/dicom/derived/slab.ts';
import { T } from '../../core/dicom/derived/tags.ts';
import type { Instance } from '../../core/dicom/instance.ts';
import { TAG } from '../../core/dicom/tags.ts';
import { isLossy } from '../../core/dicom/transferSyntax.ts';
import { TandemError } from '../../core/errors.ts';
import type { SliceSource } from '../../core/volume/sliceStack.ts';
import { normalize, type Vec3 } from '../../core/volume/vec.ts';
import { readDicomHeader, readHead, withFile } from '../studies/dicomFile.ts';
import { instanceAt, readInstancesOf } from '../studies/load.ts';
import { readError } from '../studies/readErrors.ts';

/** What an export has to know about a source file before the first slice is written. No pixels. */
export interface SourceFacts extends SourcePlace {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  /** Rescale: real-world value = stored value · slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  readonly rescaled: boolean;
  readonly lossy: boolean;
  /** Frames of the object that the image is a frame of. */
  readonly frames?: number | undefined;
  /** Undefined where the file is no single slice with a position. */
  readonly slab: Slab | undefined;
}

/** Reads the facts of one source file. @throws TandemError about the file where it cannot be read */
export async function readSourceFacts(path: string): Promise<SourceFacts> {
  const dataSet = await readHeader(path);
  const slope = dataSet.decimal(T.RescaleSlope) ?? 1;
  const intercept = dataSet.decimal(T.RescaleIntercept) ?? 0;
  const required = (tag: number, name: string): string => {
    const uid = dataSet.string(tag);
    if (uid === undefined) throw new TandemError('bad-header', `The source has no ${name}`, { path });
    return uid;
  };
  return {
    path,
    sopClassUid: required(T.SOPClassUID, 'SOP Class UID'),
    sopInstanceUid: required(T.SOPInstanceUID, 'SOP Instance UID'),
    studyUid: required(T.StudyInstanceUID, 'Study Instance UID'),
    seriesUid: required(T.SeriesInstanceUID, 'Series Instance UID'),
    slope,
    intercept,
    rescaled: slope !== 1 || intercept !== 0,
    lossy: isLossy(dataSet.transferSyntaxUid, dataSet.string(T.LossyImageCompression)),
    slab: slabIn(dataSet),
  };
}

/**
 * Sources of an export, a frame of a file of many and a tile of a mosaic among them. The header of the last
 * file is remembered, so that one with a thousand frames is read once and not a thousand times.
 */
export class SourceFiles {
  #images: { readonly path: string; readonly instances: Promise<Instance[]> } | undefined;
  #elements: { readonly path: string; readonly dataSet: Promise<WritableDataSet> } | undefined;

  /** What is known of one image. @throws TandemError about the file where it cannot be read */
  async factsOf(source: SourcePlace): Promise<SourceFacts> {
    const { path, frame, tile } = source;
    if (frame === undefined && tile === undefined) return readSourceFacts(path);
    if (this.#images?.path !== path) this.#images = { path, instances: readInstancesOf(path) };
    const instance = instanceAt(await this.#images.instances, path, source);
    const { geometry, rows, columns, sliceThicknessMm, spacingBetweenSlicesMm, format } = instance;
    return {
      path,
      frame,
      tile,
      sopClassUid: instance.sopClassUid,
      sopInstanceUid: instance.sopInstanceUid,
      studyUid: instance.studyUid,
      seriesUid: instance.seriesUid,
      slope: format.slope,
      intercept: format.intercept,
      rescaled: format.slope !== 1 || format.intercept !== 0,
      lossy: instance.lossy,
      frames: frame === undefined ? undefined : format.frames,
      slab:
        geometry &&
        slabOf({
          ...geometry,
          columns,
          rows,
          thicknessMm: sliceThicknessMm ?? spacingBetweenSlicesMm ?? 1,
        }),
    };
  }

  /** The data set of one image, as that of a classic image, without pixels. */
  async elementsOf(source: SourcePlace): Promise<WritableDataSet> {
    const whole = await this.wholeOf(source);
    return source.frame === undefined ? whole : classicFrame(whole, source.frame);
  }

  /** The data set of the file that an image is in, without pixels. */
  async wholeOf({ path }: SourcePlace): Promise<WritableDataSet> {
    if (this.#elements?.path !== path) this.#elements = { path, dataSet: readSourceElements(path) };
    return this.#elements.dataSet;
  }
}

/** Where an image is. */
export type SourcePlace = Pick<SliceSource, 'path' | 'frame' | 'tile'>;

let dictionary: Promise<VrDictionary> | undefined;

/** The whole data set of a source file but its pixels, to be copied from. */
export async function readSourceElements(path: string): Promise<WritableDataSet> {
  const { bytes, littleEndian } = await readHeader(path);
  dictionary ??= loadVrDictionary();
  const vrOf = await dictionary;
  try {
    return readElements(bytes, littleEndian, vrOf);
  } catch (error) {
    throw readError(error, path);
  }
}

/** The mark of the model that made the image of a file, where no one has accepted it (`markOfImage`). Throws as the others. */
export async function readMark(path: string): Promise<UnacceptedMark | undefined> {
  const header = await readHeader(path);
  return markOfImage(header.strings(P.Provenance).join('\\'), header.text(TAG.SeriesDescription));
}

type Header = Awaited<ReturnType<typeof readDicomHeader>>['dataSet'];

async function readHeader(path: string): Promise<Header> {
  try {
    return await withFile(path, async (file, fileBytes) => {
      const { dataSet } = await readDicomHeader(file, fileBytes, await readHead(file, fileBytes));
      return dataSet;
    });
  } catch (error) {
    throw readError(error, path);
  }
}

function slabIn(dataSet: Header): Slab | undefined {
  const position = dataSet.decimals(T.ImagePositionPatient);
  const orientation = dataSet.decimals(T.ImageOrientationPatient);
  const spacing = dataSet.decimals(T.PixelSpacing);
  const rows = dataSet.uint16s(T.Rows)?.[0];
  const columns = dataSet.uint16s(T.Columns)?.[0];
  if (position?.length !== 3 || orientation?.length !== 6 || spacing?.length !== 2) return undefined;
  if (rows === undefined || columns === undefined) return undefined;
  return slabOf({
    positionLps: position as unknown as Vec3,
    iAxisLps: normalize(orientation.slice(0, 3) as unknown as Vec3),
    jAxisLps: normalize(orientation.slice(3) as unknown as Vec3),
    spacingMm: [spacing[1]!, spacing[0]!],
    columns,
    rows,
    thicknessMm: dataSet.decimal(T.SliceThickness) ?? dataSet.decimal(T.SpacingBetweenSlices) ?? 1,
  });
}
