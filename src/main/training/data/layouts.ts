import type { PairPaths } from './pairFiles.ts';

/** A case that was found, and the split that its place says, where a layout has one. */
export interface FoundCase extends PairPaths {
  /** Why it cannot be used, where its files are not all there. */
  readonly missing?: string | undefined;
}
