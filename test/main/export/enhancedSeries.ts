import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { zeroFillStack } from '../../../src/core/volume/kspace.ts';
import { type SliceStack, stackNormal } from '../../../src/core/volume/sliceStack.ts';
import { dot, normalize, type Vec3 } from '../../../src/core/volume/vec.ts';
import type { SeriesEntry } from '../../../src/main/studies/types.ts';
import type { EnhancedSeries } from '../../../src/main/superres/types.ts';

/** Reads a folder of uncompressed MR files with dicom-parser alone: a second opinion on the studies room. */
export async function readSeries(folder: string): Promise<{ entry: SeriesEntry; stack: SliceStack }> {
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  const sets = await Promise.all(
    paths.map(async (path) => ({ path, set: dicomParser.parseDicom(await readFile(path)) })),
  );
  const first = sets[0]!.set;
  const numbers = (set: dicomParser.DataSet, tag: string) => set.string(tag)!.split('\\').map(Number);
  const orientation = numbers(first, 'x00200037');
  const iAxisLps = normalize(orientation.slice(0, 3) as unknown as Vec3);
  const jAxisLps = normalize(orientation.slice(3) as unknown as Vec3);
  const normal = stackNormal({ iAxisLps, jAxisLps });
  const [rowSpacing, columnSpacing] = numbers(first, 'x00280030');
  const slices = sets
    .map(({ path, set }) => {
      const place = set.elements.x7fe00010!;
      const view = new DataView(set.byteArray.buffer, set.byteArray.byteOffset + place.dataOffset);
      const slope = set.floatString('x00281053') ?? 1;
      const intercept = set.floatString('x00281052') ?? 0;
      const signed = set.uint16('x00280103') === 1;
      return {
        positionLps: numbers(set, 'x00200032') as unknown as Vec3,
        pixels: Float32Array.from({ length: place.length / 2 }, (_, n) => {
          const stored = signed ? view.getInt16(2 * n, true) : view.getUint16(2 * n, true);
          return stored * slope + intercept;
        }),
        source: { path, sopInstanceUid: set.string('x00080018')!, sopClassUid: set.string('x00080016')! },
      };
    })
    .sort((a, b) => dot(a.positionLps, normal) - dot(b.positionLps, normal));
  const stack: SliceStack = {
    columns: first.uint16('x00280011')!,
    rows: first.uint16('x00280010')!,
    spacingMm: [columnSpacing!, rowSpacing!],
    iAxisLps,
    jAxisLps,
    sliceThicknessMm: first.floatString('x00180050'),
    slices,
  };
  const entry: SeriesEntry = {
    summary: {
      uid: first.string('x0020000e')!,
      number: first.intString('x00200011') ?? null,
      description: first.string('x0008103e') ?? '',
      modality: 'MR',
      format: 'dicom',
      size: [stack.columns, stack.rows, slices.length],
      spacingMm: [...stack.spacingMm, 1],
      orientation: 'axial',
      contrast: { name: 'unknown', why: '' },
      warnings: [],
      path: folder,
    },
    studyUid: first.string('x0020000d')!,
    frameOfReferenceUid: first.string('x00200052'),
    files: slices.map(({ source }) => source.path),
  };
  return { entry, stack };
}

export const PROVENANCE: EnhancedSeries['provenance'] = {
  scale: 2,
  model: {
    id: 'srcnn-guided-x2',
    version: '1.0.0',
    network: 'srcnn-guided',
    weightsSha256: '0123456789abcdef'.repeat(4),
    licence: 'CC BY-NC-SA 4.0',
  },
  device: 'cpu',
  registration: {
    verdict: 'trusted',
    reasons: [],
    miBefore: 0.512,
    miAfter: 0.734,
    rotationDeg: 1.25,
    translationMm: 2.5,
    overlap: 0.97,
  },
  appVersion: '0.1.0',
};

/** An enhanced series without a network: the target zero-filled ×2. */
export async function zeroFilledSeries(
  targetFolder: string,
  referenceFolder?: string,
): Promise<EnhancedSeries> {
  const target = await readSeries(targetFolder);
  return {
    stack: zeroFillStack(target.stack, 2),
    target: target.entry,
    targetStack: target.stack,
    reference: referenceFolder === undefined ? undefined : (await readSeries(referenceFolder)).entry,
    provenance: PROVENANCE,
  };
}
