/** A plain second reading of a NIfTI-1 header: where the corners of the image lie (nifti1.h, methods 2 and 3). */

export interface NiftiJudgement {
  /** Centres of the eight corner voxels, LPS mm. */
  readonly corners: readonly (readonly number[])[];
}

/** Undefined where the header is none, or gives no affine. */
export function judgeNifti(bytes: Uint8Array): NiftiJudgement | undefined {
  if (bytes.length < 348) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const le = view.getInt32(0, true) === 348;
  if (!le && view.getInt32(0, false) !== 348) return undefined;
  // NIFTI_UNITS_METER and _MICRON; anything else is taken as millimetres.
  const toMm = { 1: 1000, 3: 0.001 }[view.getUint8(123) & 7] ?? 1;
  const affine = (sform(view, le) ?? qform(view, le))?.map((row) => row.map((value) => value * toMm));
  if (affine === undefined || !affine.flat().every(Number.isFinite)) return undefined;
  const last = [1, 2, 3].map((n) => {
    const size = view.getInt16(40, le) >= n ? view.getInt16(40 + 2 * n, le) : 1;
    return Math.max(0, size - 1);
  });
  return { corners: cornersOf(affine, last) };
}

function sform(view: DataView, le: boolean): number[][] | undefined {
  if (view.getInt16(254, le) <= 0) return undefined;
  return [0, 1, 2].map((row) => [0, 1, 2, 3].map((n) => view.getFloat32(280 + 16 * row + 4 * n, le)));
}

function qform(view: DataView, le: boolean): number[][] | undefined {
  if (view.getInt16(252, le) <= 0) return undefined;
  const [b, c, d, x, y, z] = [0, 1, 2, 3, 4, 5].map((n) => view.getFloat32(256 + 4 * n, le)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const qfac = view.getFloat32(76, le) < 0 ? -1 : 1;
  const [u, v, w] = [1, 2, 3].map((n) => view.getFloat32(76 + 4 * n, le)) as [number, number, number];
  const unitless = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const offset = [x, y, z];
  return unitless.map((row, n) => [row[0]! * u, row[1]! * v, row[2]! * w * qfac, offset[n]!]);
}

/** RAS to LPS: x and y change sign. */
function cornersOf(affine: readonly (readonly number[])[], last: readonly number[]): number[][] {
  const corners: number[][] = [];
  for (let corner = 0; corner < 8; corner++) {
    const index = [0, 1, 2].map((n) => ((corner >> n) & 1) * last[n]!);
    corners.push(
      affine.map((row, axis) => {
        const at = row[0]! * index[0]! + row[1]! * index[1]! + row[2]! * index[2]! + row[3]!;
        return axis < 2 ? -at : at;
      }),
    );
  }
  return corners;
}
