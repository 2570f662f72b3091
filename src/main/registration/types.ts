import type { RegistrationReport } from '../../core/contract/schemas.ts';
import type { Affine } from '../../core/volume/affine.ts';

export interface RegistrationResult {
  readonly report: RegistrationReport;
  /** Takes a point of the fixed image (the target), LPS mm, to the moving one (the reference). */
  readonly fixedToMoving: Affine;
}
