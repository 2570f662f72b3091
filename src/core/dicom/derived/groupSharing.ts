import type { DataElement, DataSet } from './dataSet.ts';
import { encodeDataSet } from './encode.ts';
import { E } from './enhancedMrTags.ts';

/** Functional groups that differ from frame to frame by what they are, or that readers look for in the frame. */
const OF_THE_FRAME: ReadonlySet<number> = new Set([
  E.FrameContentSequence,
  E.PlanePositionSequence,
  E.DerivationImageSequence,
]);

/**
 * Sorts functional groups into shared and per-frame ones (PS3.3, C.7.6.16.1): a group that is the same, byte for
 * byte, in every frame is shared. Groups are held once for as long as they do not change from one frame to the
 * next, so that what is held grows with what differs.
 */
export class GroupSharing {
  readonly #frames: DataElement[][] = [];
  readonly #last = new Map<number, { readonly element: DataElement; readonly bytes: Uint8Array }>();

  /** The functional groups of the next frame: sequences of one item each. */
  add(groups: DataSet): void {
    this.#frames.push(
      groups.map((element) => {
        if (OF_THE_FRAME.has(element.tag)) return element;
        const bytes = encodeDataSet([element]);
        const last = this.#last.get(element.tag);
        if (last !== undefined && sameBytes(last.bytes, bytes)) return last.element;
        this.#last.set(element.tag, { element, bytes });
        return element;
      }),
    );
  }

  /** The one item of the shared groups, and an item for each frame. */
  finish(): { readonly shared: DataSet; readonly perFrame: readonly DataSet[] } {
    const [first = [], ...others] = this.#frames;
    const shared = first.filter(
      (element) => !OF_THE_FRAME.has(element.tag) && others.every((frame) => frame.includes(element)),
    );
    return { shared, perFrame: this.#frames.map((frame) => frame.filter((one) => !shared.includes(one))) };
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}
