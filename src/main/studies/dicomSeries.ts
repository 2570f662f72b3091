import { dirname } from 'node:path';
import type { SeriesSummary, SliceAxis, Warning } from '../../core/contract/schemas.ts';
import { assembleSeries, type SeriesPart } from '../../core/dicom/assemble.ts';
import { type ContrastGuess, guessContrast } from '../../core/dicom/contrast.ts';
import type { Instance } from '../../core/dicom/instance.ts';
import { cross, type Vec3 } from '../../core/volume/vec.ts';
import type { SeriesEntry, SeriesGeometry } from './types.ts';

/** The series of one DICOM study, by series number. @param instances of one Study Instance UID */
export function dicomSeries(instances: readonly Instance[]): SeriesEntry[] {
  const bySeries = Map.groupBy(instances, ({ seriesUid }) => seriesUid);
  const entries = [...bySeries.values()].flatMap((members) => volumesOf(assembleSeries(members)));
  return entries.sort(
    (a, b) =>
      (a.summary.number ?? Number.MAX_SAFE_INTEGER) - (b.summary.number ?? Number.MAX_SAFE_INTEGER) ||
      (a.summary.uid < b.summary.uid ? -1 : 1),
  );
}

/** The entries of one series; those that repeat each other say so. */
function volumesOf(parts: readonly SeriesPart[]): SeriesEntry[] {
  const groups = Map.groupBy(parts, ({ repeated }) => repeated);
  return parts.map((part) => {
    const entry = entryOf(part);
    const group = groups.get(part.repeated)!;
    if (group.length === 1) return entry;
    const repetition = { first: group[0]!.uid, volume: group.indexOf(part) + 1, volumes: group.length };
    return { ...entry, summary: { ...entry.summary, repetition } };
  });
}

function entryOf(part: SeriesPart): SeriesEntry {
  const first = part.instances[0]!;
  const geometry = geometryOf(part);
  const guess = guessContrast(first.facts);
  return {
    summary: summaryOf(part, geometry, guess),
    studyUid: first.studyUid,
    frameOfReferenceUid: first.frameOfReferenceUid,
    ...placesOf(part),
    ...copiesOf(part),
    seriesInstanceUid: part.seriesUid,
    // A pair takes the first of a series of repetitions; the others can be named.
    setAside: guess.setAside === true || part.isRepetition,
    geometry,
  };
}

function placesOf({ instances }: SeriesPart): Required<Pick<SeriesEntry, 'files' | 'slices'>> {
  const files = [...new Set(instances.map(({ path }) => path))];
  const numbers = new Map(files.map((path, n) => [path, n]));
  return {
    files,
    slices: instances.map(({ path, frame, tile }) => ({ file: numbers.get(path)!, frame, tile })),
  };
}

/** Where the same images lie again; none where that is not so of every slice, or what lies there is another image. */
function copiesOf({ instances, duplicates = [] }: SeriesPart): Pick<SeriesEntry, 'copies'> {
  const counts = new Map(instances.map(({ sopInstanceUid, frame }) => [`${sopInstanceUid} ${frame}`, 0]));
  for (const { sopInstanceUid, frame } of duplicates) {
    const key = `${sopInstanceUid} ${frame}`;
    const count = counts.get(key);
    if (count === undefined) return {};
    counts.set(key, count + 1);
  }
  const isWhole = duplicates.length > 0 && ![...counts.values()].includes(0);
  return isWhole ? { copies: [...new Set(duplicates.map(({ path }) => path))] } : {};
}

function summaryOf(
  part: SeriesPart,
  geometry: SeriesGeometry | undefined,
  guess: ContrastGuess,
): SeriesSummary {
  const first = part.instances[0]!;
  const description = first.facts.seriesDescription || first.facts.protocolName;
  return {
    uid: part.uid,
    number: first.seriesNumber ?? null,
    description: part.part === '' ? description : `${description} (${part.part})`.trim(),
    modality: first.modality,
    format: 'dicom',
    size: [first.columns, first.rows, part.instances.length],
    // Zeros, and the warning `missing-geometry`, where the images do not state any.
    spacingMm: geometry === undefined ? [0, 0, 0] : [...geometry.spacingMm, geometry.stepMm],
    orientation: geometry === undefined ? 'axial' : planeOf(cross(geometry.iAxisLps, geometry.jAxisLps)),
    contrast: { name: guess.name, why: guess.why },
    ...(first.sliceThicknessMm === undefined ? {} : { sliceThicknessMm: first.sliceThicknessMm }),
    ...(first.facts.fieldStrengthT === undefined ? {} : { fieldStrengthT: first.facts.fieldStrengthT }),
    ...(first.frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid: first.frameOfReferenceUid }),
    warnings: part.warnings.map((warning): Warning => ({ ...warning })),
    path: commonFolder(part.instances.map(({ path }) => path)),
  };
}

function geometryOf(part: SeriesPart): SeriesGeometry | undefined {
  if (part.geometry === undefined) return undefined;
  const first = part.instances[0]!;
  return {
    columns: first.columns,
    rows: first.rows,
    spacingMm: part.geometry.spacingMm,
    iAxisLps: part.geometry.iAxisLps,
    jAxisLps: part.geometry.jAxisLps,
    positionsLps: part.instances.map(({ geometry }) => geometry!.positionLps),
    stepMm: part.stepMm ?? first.sliceThicknessMm ?? 1,
  };
}

/** The plane whose normal is nearest (LPS: x left, y posterior, z superior). */
export function planeOf(normal: Vec3): SliceAxis {
  const [x, y, z] = normal.map(Math.abs) as [number, number, number];
  if (z >= x && z >= y) return 'axial';
  return x >= y ? 'sagittal' : 'coronal';
}

/** The deepest folder that holds all files. */
export function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? '.');
  for (const path of paths) {
    while (!isWithin(path, folder) && dirname(folder) !== folder) folder = dirname(folder);
  }
  return folder;
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder) && (/[/\\]$/.test(folder) || /[/\\]/.test(path[folder.length] ?? ''));
}
