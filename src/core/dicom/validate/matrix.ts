import { cross, dot, norm, subtract, type Vec3 } from '../../volume/vec.ts';
import { C } from '../derived/companionTags.ts';
import type { DataSet } from '../derived/dataSet.ts';
import { itemsOf, numbersOf, stringOf } from './checkedObject.ts';
import type { Note } from './finding.ts';

/** Decimal strings keep some thirteen digits; rigid transforms of other programs often have six. */
const RIGID = 1e-4;

/** Holds the matrices of a Spatial Registration against their kind (PS3.3, C.20.2.1.1). */
export function checkMatrices(dataSet: DataSet, note: Note): void {
  const place = [
    C.RegistrationSequence,
    C.MatrixRegistrationSequence,
    C.MatrixSequence,
    C.FrameOfReferenceTransformationMatrix,
  ];
  for (const registration of itemsOf(dataSet, C.RegistrationSequence)) {
    for (const outer of itemsOf(registration, C.MatrixRegistrationSequence)) {
      for (const item of itemsOf(outer, C.MatrixSequence)) {
        const fault = faultOfMatrix(
          numbersOf(item, C.FrameOfReferenceTransformationMatrix),
          stringOf(item, C.FrameOfReferenceTransformationMatrixType),
        );
        if (fault !== undefined) note('error', 'matrix', place, `The transformation matrix ${fault}`);
      }
    }
  }
}

function faultOfMatrix(values: readonly number[], kind: string): string | undefined {
  if (values.length !== 16) return `has ${values.length} numbers of 16`;
  if ([0, 0, 0, 1].some((value, n) => Math.abs(values[12 + n]! - value) > RIGID))
    return 'does not end with 0, 0, 0, 1';
  const column = (n: number): Vec3 => [values[n]!, values[4 + n]!, values[8 + n]!];
  const [x, y, z] = [column(0), column(1), column(2)];
  const volume = dot(cross(x, y), z);
  if (Math.abs(volume) < 1e-9) return 'takes everything into one plane';
  if (kind !== 'RIGID') return undefined;
  const isRotation =
    [x, y, z].every((axis) => Math.abs(norm(axis) - 1) <= RIGID) &&
    Math.abs(dot(x, y)) <= RIGID &&
    norm(subtract(cross(x, y), z)) <= 2 * RIGID;
  return isRotation ? undefined : 'is said to be rigid and is no rotation and shift';
}
