import type { Vec3 } from '../../core/volume/vec.ts';

/**
 * Where the pointer is in the patient. Apart from the state of the view: it changes with every movement, and
 * who follows it draws by hand and does not render again.
 */
export interface PointerPlace {
  readonly cell: string;
  readonly lps: Vec3;
  /** From the top left of the cell, CSS pixels. */
  readonly x: number;
  readonly y: number;
}

type Listener = (place: PointerPlace | undefined) => void;

const listeners = new Set<Listener>();
let current: PointerPlace | undefined;

export function setPointerPlace(place: PointerPlace | undefined): void {
  if (place === undefined && current === undefined) return;
  current = place;
  for (const listener of listeners) listener(place);
}

export function pointerPlace(): PointerPlace | undefined {
  return current;
}

/** Calls `listener` now and at every movement; returns how to stop. */
export function followPointer(listener: Listener): () => void {
  listeners.add(listener);
  listener(current);
  return () => listeners.delete(listener);
}
