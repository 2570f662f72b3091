import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TAG } from '../../../src/core/dicom/tags.ts';
import type { Volume } from '../../../src/core/volume/volume.ts';
import { cs, dicomFile, ds, type Element, lo, mrSlice } from '../../helpers/dicomBuilder.ts';
import { person } from './people.ts';

type Contrast = 't1' | 't2' | 'flair';

/** How a scanner takes each contrast: repetition and echo time, and what it calls the series. */
const SCANS = {
  t1: { number: 2, description: 'AX T1', tr: 500, te: 10 },
  t2: { number: 3, description: 'AX T2', tr: 4000, te: 90 },
  flair: { number: 4, description: 'AX FLAIR', tr: 9000, te: 120, ti: 2500 },
} as const;

/** Stored values of a unit of intensity: enough that rounding is no noise. */
const STORED = 50;

export interface DicomStudy {
  /** Whose head it is (`person`). */
  readonly seed: number;
  /** Ends the Study Instance UID; the seed where absent. */
  readonly study?: string;
  readonly patientId: string;
  readonly issuer?: string;
  readonly patientName?: string;
  readonly contrasts?: readonly Contrast[];
  /** The images as they are stored, where they are not those of the person. */
  readonly volumes?: Partial<Record<Contrast, Volume>>;
  readonly extra?: Readonly<Record<number, Element | undefined>>;
}

/** Of the study: what must never leave the machine as it is. */
export const studyUidOf = ({ seed, study = String(seed) }: Pick<DicomStudy, 'seed' | 'study'>) =>
  `1.2.826.0.1.77.${study}`;

/** A study as a scanner exports it: a series a contrast, a file a slice; all files in the folder itself. */
export async function writeDicomStudy(folder: string, study: DicomStudy): Promise<void> {
  const { seed, patientId, issuer, patientName = 'DOE^JANE', contrasts = ['t1', 't2'] } = study;
  await mkdir(folder, { recursive: true });
  const studyUid = studyUidOf(study);
  for (const contrast of contrasts) {
    const { number, description, tr, te, ...more } = SCANS[contrast];
    const { grid, voxels } = study.volumes?.[contrast] ?? person(contrast, seed);
    const [columns, rows, slices] = grid.size;
    for (let n = 0; n < slices; n++) {
      const [x, y, z] = grid.originLps;
      const pixels = voxels.subarray(n * rows * columns, (n + 1) * rows * columns);
      const elements = mrSlice({
        ...{ studyUid, seriesUid: `${studyUid}.${number}`, sopInstanceUid: `${studyUid}.${number}.${n + 1}` },
        ...{ seriesNumber: number, instanceNumber: n + 1, description, tr, te, rows, columns },
        frameOfReferenceUid: `${studyUid}.9`,
        spacingMm: [grid.spacingMm[0], grid.spacingMm[1]],
        thicknessMm: grid.spacingMm[2],
        positionLps: [x, y, z + n * grid.spacingMm[2]],
        pixels: Array.from(pixels, (value) => Math.round(Math.max(0, value) * STORED)),
        extra: {
          [TAG.PatientID]: lo(patientId),
          [TAG.PatientName]: { vr: 'PN', value: patientName },
          ...(issuer !== undefined && { [TAG.IssuerOfPatientID]: lo(issuer) }),
          ...('ti' in more && { [TAG.InversionTime]: ds(more.ti), [TAG.ScanningSequence]: cs('SE', 'IR') }),
          ...study.extra,
        },
      });
      await writeFile(join(folder, `${studyUid}-${number}-${n + 1}.dcm`), dicomFile(elements));
    }
  }
}
