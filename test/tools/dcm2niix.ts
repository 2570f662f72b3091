import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { QUIET_JOB } from '../../src/core/job.ts';
import { parseNifti } from '../../src/core/nifti/read.ts';
import { indexToLps, lpsToIndex } from '../../src/core/volume/grid.ts';
import type { Volume } from '../../src/core/volume/volume.ts';
import { convertOperation } from '../../src/main/export/convertOperation.ts';
import { scanPaths } from '../../src/main/studies/scan.ts';
import { allSeries } from '../../src/main/studies/select.ts';

/**
 * `tandem convert` against dcm2niix (Debian's package, a judge and no dependency):
 * `node test/tools/dcm2niix.ts FOLDER…` compares every MR series of the folders. Volumes are compared in
 * patient space, as the two order rows differently: each of ours must be one of the judge's, with the same
 * voxels, and the other way round.
 */

export function hasDcm2niix(): boolean {
  return spawnSync('dcm2niix', ['-v']).error === undefined;
}

export interface NamedVolume {
  readonly name: string;
  readonly volume: Volume;
}

export interface SeriesComparison {
  readonly series: string;
  readonly ours: number;
  readonly judges: number;
  /** Ours that are none of the judge's, and the judge's that are none of ours; with how near the nearest is. */
  readonly unmatched: readonly string[];
  /** Of the volumes that match: furthest distance between the same voxel's places, mm. */
  readonly worstMm: number;
  /** Empty slices that only ours has. */
  readonly emptySlices: number;
}

/** Compares each MR series below a folder. Judge's options: no compression, no rescaling to Philips' precise values. */
export async function compareWithDcm2niix(folder: string): Promise<SeriesComparison[]> {
  const entries = allSeries(await scanPaths([folder], QUIET_JOB)).filter(
    ({ summary }) => summary.modality === 'MR',
  );
  const bySeries = Map.groupBy(entries, ({ seriesInstanceUid }) => seriesInstanceUid!);
  const compared: SeriesComparison[] = [];
  for (const [uid, parts] of bySeries) {
    const work = mkdtempSync(join(tmpdir(), 'tandem-dcm2niix-'));
    try {
      const inputs = join(work, 'in');
      linkFiles(new Set(parts.flatMap(({ files }) => files)), inputs);
      const judges = runDcm2niix(inputs, join(work, 'judge'));
      const { volumes } = await convertOperation(
        { input: folder, series: uid, out: join(work, 'ours.nii') },
        QUIET_JOB,
      );
      const ours = volumes.map(({ path, volume = 1, description, emptySlices }) => ({
        name: description,
        volume: volumesOf(path)[volume - 1]!,
        emptySlices,
      }));
      const emptySlices = ours.reduce((sum, one) => sum + one.emptySlices, 0);
      const name = `${parts[0]!.summary.number} ${parts[0]!.summary.description}`;
      compared.push({ series: name, emptySlices, ...matchVolumes(ours.map(withoutEmpty), judges) });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return compared;
}

function linkFiles(files: ReadonlySet<string>, folder: string): void {
  mkdirSync(folder);
  for (const [n, file] of [...files].entries()) copyFileSync(file, join(folder, `${n}.dcm`));
}

function runDcm2niix(input: string, out: string): NamedVolume[] {
  mkdirSync(out);
  const args = ['-z', 'n', '-b', 'n', '-p', 'n', '-f', '%s_%p_%e_%t', '-o', out, input];
  const { status, stderr } = spawnSync('dcm2niix', args, { encoding: 'utf8' });
  const files = readdirSync(out).filter((name) => name.endsWith('.nii') && !/_Eq(_\d+)?\.nii$/.test(name));
  if (files.length === 0) throw new Error(`dcm2niix ended with ${status} and no file: ${stderr}`);
  return files.flatMap((name) => {
    const volumes = volumesOf(join(out, name));
    return volumes.map((volume, n) => ({
      name: volumes.length === 1 ? name : `${name}, volume ${n + 1}`,
      volume,
    }));
  });
}

/** All volumes of a NIfTI-1 file of three or four dimensions. */
function volumesOf(path: string): Volume[] {
  const bytes = new Uint8Array(readFileSync(path));
  const view = new DataView(bytes.buffer);
  const dim = Array.from({ length: 8 }, (_, n) => view.getInt16(40 + 2 * n, true));
  const count = dim[0]! > 3 ? dim[4]! : 1;
  const voxelsAt = view.getFloat32(108, true);
  const volumeBytes = (dim[1]! * dim[2]! * dim[3]! * view.getInt16(72, true)) / 8;
  return Array.from({ length: count }, (_, n) => {
    const one = new Uint8Array(voxelsAt + volumeBytes);
    one.set(bytes.subarray(0, voxelsAt));
    one.set(bytes.subarray(voxelsAt + n * volumeBytes, voxelsAt + (n + 1) * volumeBytes), voxelsAt);
    const header = new DataView(one.buffer);
    header.setInt16(40, 3, true);
    header.setInt16(48, 1, true);
    return parseNifti(one).volume;
  });
}

/** The acquired slices alone, one step apart: how the judge writes a series with a gap. */
function withoutEmpty({ name, volume }: NamedVolume): NamedVolume {
  const [columns, rows, slices] = volume.grid.size;
  const inPlane = columns * rows;
  const kept = Array.from({ length: slices }, (_, k) =>
    volume.voxels.subarray(k * inPlane, (k + 1) * inPlane),
  ).filter((slice) => slice.some((value) => value !== 0));
  if (kept.length === slices) return { name, volume };
  const voxels = new Float32Array(kept.length * inPlane);
  for (const [k, slice] of kept.entries()) voxels.set(slice, k * inPlane);
  return { name, volume: { grid: { ...volume.grid, size: [columns, rows, kept.length] }, voxels } };
}

function matchVolumes(ours: readonly NamedVolume[], judges: readonly NamedVolume[]) {
  const left = new Set(judges);
  const unmatched: string[] = [];
  let worstMm = 0;
  for (const one of ours) {
    const found = [...left].map((other) => ({ other, difference: difference(one.volume, other.volume) }));
    const match = found.find(({ difference }) => typeof difference === 'number');
    if (match === undefined) {
      unmatched.push(
        `ours “${one.name}”: ${found.map((f) => `${f.other.name}: ${f.difference}`).join('; ')}`,
      );
    } else {
      left.delete(match.other);
      worstMm = Math.max(worstMm, match.difference as number);
    }
  }
  unmatched.push(...[...left].map(({ name }) => `the judge's ${name}`));
  return { ours: ours.length, judges: judges.length, unmatched, worstMm };
}

/** Same voxels farther apart than this are another place, mm. */
const SAME_PLACE_MM = 0.01;

/** How far apart the same voxels lie at most, mm; or in words what differs. */
function difference(a: Volume, b: Volume): number | string {
  const origin = lpsToIndex(b.grid, indexToLps(a.grid, [0, 0, 0])).map(Math.round) as [
    number,
    number,
    number,
  ];
  const steps = ([0, 1, 2] as const).map((axis) => {
    const unit = [0, 0, 0] as [number, number, number];
    unit[axis] = 1;
    const there = lpsToIndex(b.grid, indexToLps(a.grid, unit));
    const here = lpsToIndex(b.grid, indexToLps(a.grid, [0, 0, 0]));
    return there.map((value, n) => Math.round(value - here[n]!));
  });
  const [nx, ny, nz] = a.grid.size;
  const at = (i: number, j: number, k: number) =>
    [0, 1, 2].map((n) => origin[n]! + i * steps[0]![n]! + j * steps[1]![n]! + k * steps[2]![n]!) as [
      number,
      number,
      number,
    ];
  let worst = 0;
  for (const i of [0, nx - 1]) {
    for (const j of [0, ny - 1]) {
      for (const k of [0, nz - 1]) {
        const index = at(i, j, k);
        if (index.some((value, n) => value < 0 || value >= b.grid.size[n]!)) {
          return `of size ${b.grid.size.join(' × ')}, or elsewhere`;
        }
        const [p, q] = [indexToLps(a.grid, [i, j, k]), indexToLps(b.grid, index)];
        worst = Math.max(worst, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
      }
    }
  }
  if (a.voxels.length !== b.voxels.length) return `of ${b.voxels.length} voxels, not ${a.voxels.length}`;
  if (worst > SAME_PLACE_MM) return `${worst.toFixed(3)} mm away`;
  let differing = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        const [x, y, z] = at(i, j, k);
        const value = a.voxels[i + nx * (j + ny * k)]!;
        const other = b.voxels[x + b.grid.size[0] * (y + b.grid.size[1] * z)]!;
        if (Math.abs(value - other) > 1e-5 * Math.max(1, Math.abs(value))) differing++;
      }
    }
  }
  return differing === 0 ? worst : `${differing} other voxels`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  let failed = 0;
  for (const folder of process.argv.slice(2)) {
    for (const one of await compareWithDcm2niix(folder)) {
      const verdict = one.unmatched.length === 0 ? 'same' : 'DIFFERENT';
      const empty = one.emptySlices === 0 ? '' : `, ${one.emptySlices} empty slices of ours left out`;
      console.log(
        `${verdict}  ${folder}  ${one.series}: ${one.ours} volumes, the judge ${one.judges}; ${one.worstMm.toFixed(4)} mm${empty}`,
      );
      for (const line of one.unmatched) console.log(`    ${line}`);
      failed += one.unmatched.length === 0 ? 0 : 1;
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
