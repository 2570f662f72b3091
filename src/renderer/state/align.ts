import { create } from 'zustand';
import type { Alignment } from '../../core/contract/aligning.ts';
import type { PlacedBy } from '../../core/contract/keptAlignments.ts';
import { NO_MOTION, type SixDegrees } from '../../core/volume/sixDegrees.ts';
import { isSamePair, useApp } from './store.ts';

/** How the two images of the pair are laid over each other. */
export const OVERLAYS = ['blend', 'checkerboard', 'swipe', 'edges'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** Where the reference is on the screen, and what is known of that. */
export interface Position {
  /** How the reference is moved, about the centre of the target's volume. */
  readonly motion: SixDegrees;
  readonly by: PlacedBy;
  /** The verdict on this very position; undefined until it is judged. */
  readonly verdict: Alignment | undefined;
}

export interface AlignState {
  readonly position: Position;
  /** Registration was begun for this pair: it begins by itself only once. */
  readonly begun: boolean;
  /** The user said yes to the verdict that is shown. */
  readonly accepted: boolean;
  /** The user goes on without the reference: only models for single images are offered. */
  readonly withoutReference: boolean;
  /** Keys and drags move the reference. */
  readonly adjusting: boolean;
  /** What is kept of this pair is being asked for: nothing begins by itself before it is known. */
  readonly recalling: boolean;
  /** An alignment was kept, and the files are others now: it was dropped. */
  readonly dropped: boolean;

  readonly overlay: Overlay;
  /** Share of the reference in the blend, 0 to 1. */
  readonly blend: number;
  /** Where the reference begins, from the left, 0 to 1. */
  readonly swipe: number;
  /** Side of a field of the checkerboard, mm. */
  readonly fieldMm: number;
  readonly edgesOf: 'target' | 'reference';
  /** Target and reference in two colours, where they lie over each other. */
  readonly coloured: boolean;
}

export const SCANNER_POSITION: Position = { motion: NO_MOTION, by: 'scanner', verdict: undefined };

/** What belongs to a pair; the rest are the user's habits. */
const OF_PAIR = {
  position: SCANNER_POSITION,
  begun: false,
  accepted: false,
  withoutReference: false,
  adjusting: false,
  recalling: false,
  dropped: false,
} as const;

export const INITIAL_ALIGN: AlignState = {
  ...OF_PAIR,
  overlay: 'blend',
  blend: 0.5,
  swipe: 0.5,
  fieldMm: 25,
  edgesOf: 'reference',
  coloured: true,
};

export const useAlign = create<AlignState>()(() => INITIAL_ALIGN);

export function setAlign(change: Partial<AlignState>): void {
  useAlign.setState(change);
}

// A position belongs to one pair: with another it would be a lie.
useApp.subscribe((state, before) => {
  if (!isSamePair(state, before) || state.paths !== before.paths) setAlign(OF_PAIR);
});
