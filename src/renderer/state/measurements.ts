import { create } from 'zustand';
import type { Measurement, MeasurementKind } from '../../core/volume/measurement.ts';
import type { PatientPlane } from '../../core/volume/sampleAt.ts';
import type { Vec3 } from '../../core/volume/vec.ts';
import { useApp } from './store.ts';

/** A measurement that is being drawn. */
export interface Draft {
  readonly kind: MeasurementKind;
  readonly plane: PatientPlane;
  /** The cell it is drawn in. */
  readonly cell: string;
  readonly pointsLps: readonly Vec3[];
  /** Where the next point would be. */
  readonly nextLps: Vec3;
}

export interface MeasurementState {
  /** Oldest first. */
  readonly items: readonly Measurement[];
  readonly selected: string | null;
  readonly draft: Draft | null;
}

export const NO_MEASUREMENTS: MeasurementState = { items: [], selected: null, draft: null };

/** What was measured in the open study. */
export const useMeasurements = create<MeasurementState>()(() => NO_MEASUREMENTS);

export function setMeasurements(change: Partial<MeasurementState>): void {
  useMeasurements.setState(change);
}

// Another study has another patient's space.
useApp.subscribe((now, before) => {
  if (now.studyUid !== before.studyUid) setMeasurements(NO_MEASUREMENTS);
});
