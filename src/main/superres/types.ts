import type { Provenance } from '../../core/dicom/derived/provenance.ts';
import type { Affine } from '../../core/volume/affine.ts';
import type { SliceStack } from '../../core/volume/sliceStack.ts';
import type { SeriesEntry } from '../studies/types.ts';

/** An enhanced series in memory: values in the target's own units, not rounded, positions the target's. */
export interface EnhancedSeries {
  readonly stack: SliceStack;
  readonly target: SeriesEntry;
  /** The target as acquired: slice n of `stack` comes from slice n of this one. */
  readonly targetStack: SliceStack;
  readonly reference: SeriesEntry | undefined;
  /** What registration found (target LPS to reference LPS); absent where the headers were taken as they are. */
  readonly fixedToMoving?: Affine | undefined;
  readonly provenance: Provenance;
}
