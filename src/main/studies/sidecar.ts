import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import type { AcquisitionFacts } from '../../core/dicom/contrast.ts';

/** The JSON beside a NIfTI image (BIDS; written by most converters). Times in seconds. */
const sidecarSchema = z.object({
  Modality: z.string().catch('MR'),
  ImageType: z.array(z.string()).catch([]),
  SeriesDescription: z.string().catch(''),
  ProtocolName: z.string().catch(''),
  ScanningSequence: z.string().catch(''),
  SequenceVariant: z.string().catch(''),
  ScanOptions: z.string().catch(''),
  SequenceName: z.string().catch(''),
  MRAcquisitionType: z.string().catch(''),
  EchoTime: z.number().optional().catch(undefined),
  RepetitionTime: z.number().optional().catch(undefined),
  InversionTime: z.number().optional().catch(undefined),
  FlipAngle: z.number().optional().catch(undefined),
  EchoTrainLength: z.number().optional().catch(undefined),
  ContrastBolusIngredient: z.string().catch(''),
});

const MAX_BYTES = 1024 * 1024;

/** The sidecar's path of a .nii or .nii.gz file. */
export function sidecarPath(niftiPath: string): string {
  return niftiPath.replace(/\.nii(\.gz)?$/i, '.json');
}

/** What the sidecar of a NIfTI file says about its weighting; undefined where there is none that can be read. */
export async function readSidecar(niftiPath: string): Promise<AcquisitionFacts | undefined> {
  const path = sidecarPath(niftiPath);
  if (path === niftiPath) return undefined;
  try {
    const status = await stat(path);
    if (!status.isFile() || status.size > MAX_BYTES) return undefined;
    const parsed = sidecarSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? factsOf(parsed.data) : undefined;
  } catch {
    return undefined;
  }
}

function factsOf(sidecar: z.infer<typeof sidecarSchema>): AcquisitionFacts {
  const list = (text: string): string[] =>
    text
      .toUpperCase()
      .split(/[\\_\s]+/)
      .filter((part) => part !== '');
  const milliseconds = (seconds: number | undefined): number | undefined =>
    seconds === undefined || seconds <= 0 ? undefined : Number((seconds * 1000).toPrecision(9));
  return {
    modality: sidecar.Modality,
    imageType: sidecar.ImageType.map((value) => value.toUpperCase()),
    seriesDescription: sidecar.SeriesDescription,
    protocolName: sidecar.ProtocolName,
    scanningSequence: list(sidecar.ScanningSequence),
    sequenceVariant: list(sidecar.SequenceVariant),
    scanOptions: list(sidecar.ScanOptions),
    sequenceName: sidecar.SequenceName,
    acquisitionType: sidecar.MRAcquisitionType,
    angiography: false,
    repetitionTimeMs: milliseconds(sidecar.RepetitionTime),
    echoTimeMs: milliseconds(sidecar.EchoTime),
    inversionTimeMs: milliseconds(sidecar.InversionTime),
    flipAngleDeg: sidecar.FlipAngle,
    echoTrainLength: sidecar.EchoTrainLength,
    contrastAgent: sidecar.ContrastBolusIngredient,
    diffusionBValue: undefined,
  };
}
