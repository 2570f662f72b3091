import type { Warning } from '../contract/schemas.ts';
import type { Instance } from './instance.ts';

/**
 * Whether the scanner made more pixels than it acquired samples (interpolation by zero-filling).
 *
 * Acquisition Matrix (0018,1310) counts the samples in the frequency and the phase direction. The phase
 * steps cover the acquired field of view, which Percent Phase Field of View (0018,0094) gives relative to
 * the frequency direction; where the image shows more or less than that (some vendors pad a rectangular
 * field to a square), the steps are scaled to the field that the image shows.
 */

/** Reconstructions within 5 % of the acquired matrix are taken as acquired. */
const TOLERANCE = 1.05;

export interface DirectionCount {
  readonly name: 'columns' | 'rows';
  readonly pixels: number;
  /** Samples acquired over the field of view that the image shows. */
  readonly acquired: number;
  readonly spacingMm: number;
}

/** Pixels against acquired samples, for the columns and the rows; undefined where the header does not tell. */
export function acquiredCounts(
  instance: Pick<Instance, 'rows' | 'columns' | 'geometry' | 'matrix'>,
): readonly [DirectionCount, DirectionCount] | undefined {
  const { matrix, geometry, rows, columns } = instance;
  if (matrix === undefined || geometry === undefined) return undefined;
  const alongRow = { name: 'columns', pixels: columns, spacingMm: geometry.spacingMm[0] } as const;
  const alongColumn = { name: 'rows', pixels: rows, spacingMm: geometry.spacingMm[1] } as const;
  const [phase, frequency] =
    matrix.phaseDirection === 'ROW' ? [alongRow, alongColumn] : [alongColumn, alongRow];
  const percent = matrix.percentPhaseFieldOfView ?? 100;
  const shownOverAcquired =
    (phase.pixels * phase.spacingMm) / ((percent / 100) * frequency.pixels * frequency.spacingMm);
  const counts = {
    [phase.name]: { ...phase, acquired: matrix.phaseSteps * shownOverAcquired },
    [frequency.name]: { ...frequency, acquired: matrix.frequencySteps },
  } as Record<'columns' | 'rows', DirectionCount>;
  return [counts.columns, counts.rows];
}

/** The warning `zero-filled`, with numbers, where a direction has more pixels than samples. */
export function zeroFilledWarning(
  instance: Pick<Instance, 'rows' | 'columns' | 'geometry' | 'matrix'>,
): Warning | undefined {
  const filled =
    acquiredCounts(instance)?.filter(({ pixels, acquired }) => pixels > TOLERANCE * acquired) ?? [];
  if (filled.length === 0) return undefined;
  const words = filled.map(({ name, pixels, acquired, spacingMm }) => {
    const true_ = (spacingMm * pixels) / acquired;
    return `${pixels} ${name} from ${Math.round(acquired)} acquired samples (a true resolution of ${true_.toFixed(2)} mm, not ${spacingMm.toFixed(2)} mm)`;
  });
  return {
    code: 'zero-filled',
    message: `The scanner interpolated this series: it made ${words.join(' and ')}. Enhancing takes its pixels as they are; training data are reduced to what was acquired`,
  };
}
