import type { KeptAlignment } from '../../core/contract/keptAlignments.ts';
import { type AlignState, SCANNER_POSITION, setAlign, useAlign } from './align.ts';
import { chosenPairRequest } from './alignActions.ts';
import { chooseModel } from './enhanceActions.ts';
import { workstation } from './session.ts';
import { type AppState, useApp } from './store.ts';

/**
 * Where the user left the reference of a pair is kept on the workstation with the study, and taken up again when
 * the pair is chosen again: in this window, after a reload or at the next start.
 */

/** After the last of a row of changes: a drag is one thing to keep. */
const SETTLED_MS = 400;

interface PairInHand {
  readonly studyUid: string;
  readonly targetUid: string;
  readonly referenceUid: string;
  /** What its files were when it was chosen. */
  readonly files: string;
}

/** The chosen pair, once it is known what is kept of it. */
let inHand: PairInHand | undefined;
/** As it is kept, or will be. */
let kept = 'null';
let waiting: { readonly pair: PairInHand; readonly text: string } | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = 0;

/** What is worth keeping of the screen; null where it is as for a pair that nobody looked at. */
export function keepable(state: AlignState): KeptAlignment | null {
  const { position, accepted, withoutReference } = state;
  const { motion, by, verdict } = position;
  if (by === 'scanner' && verdict === undefined && !withoutReference) return null;
  return {
    motion: { rotationDeg: [...motion.rotationDeg], translationMm: [...motion.translationMm] },
    by,
    verdict: verdict ?? null,
    accepted,
    withoutReference,
  };
}

/** Follows the pair and what is done to its alignment, from now on; returns how to stop. */
export function followAlignments(): () => void {
  const stops = [
    useApp.subscribe((state, before) => {
      if (pairKey(state) !== pairKey(before) || state.paths !== before.paths) void takeUp();
    }),
    useAlign.subscribe((state, before) => {
      const isSame =
        state.position === before.position &&
        state.accepted === before.accepted &&
        state.withoutReference === before.withoutReference;
      if (!isSame) changed(state);
    }),
  ];
  window.addEventListener('pagehide', sendNow);
  void takeUp();
  return () => {
    for (const stop of stops) stop();
    window.removeEventListener('pagehide', sendNow);
    sendNow();
    inHand = undefined;
  };
}

function pairKey({ studyUid, targetUid, referenceUid }: AppState): string {
  return JSON.stringify([studyUid, targetUid, referenceUid]);
}

/** Asks what is kept of the chosen pair and shows it, unless the user was faster. */
async function takeUp(): Promise<void> {
  sendNow();
  inHand = undefined;
  const mine = ++asked;
  const request = chosenPairRequest();
  const { studyUid } = useApp.getState();
  if (request === undefined || studyUid === null) return;
  setAlign({ recalling: true });
  try {
    const answer = await workstation().call('alignmentRecall', { studyUid, ...request });
    if (mine !== asked) return;
    const { files, dropped } = answer;
    inHand = { studyUid, targetUid: request.target.series, referenceUid: request.reference.series, files };
    kept = JSON.stringify(answer.kept);
    if (isUntouched(useAlign.getState())) show(answer.kept, dropped);
    else changed(useAlign.getState());
  } catch {
    // Without a memory the pair is as when it was opened first; whatever is wrong with its files, reading them says.
  } finally {
    if (mine === asked) setAlign({ recalling: false });
  }
}

function isUntouched({ position, begun, withoutReference }: AlignState): boolean {
  return position === SCANNER_POSITION && !begun && !withoutReference;
}

function show(alignment: KeptAlignment | null, dropped: boolean): void {
  if (alignment === null) {
    setAlign({ dropped });
    return;
  }
  const { motion, by, verdict, accepted, withoutReference } = alignment;
  setAlign({
    position: { motion, by, verdict: verdict ?? undefined },
    // What was set by hand is not to be replaced by a registration that nobody asked for.
    begun: by !== 'scanner' || verdict !== null,
    accepted,
    withoutReference,
    dropped,
  });
  chooseModel();
}

function changed(state: AlignState): void {
  const { studyUid, targetUid, referenceUid } = useApp.getState();
  const isOfPair =
    inHand?.studyUid === studyUid && inHand.targetUid === targetUid && inHand.referenceUid === referenceUid;
  if (inHand === undefined || !isOfPair) return;
  const text = JSON.stringify(keepable(state));
  clearTimeout(timer);
  waiting = undefined;
  if (text === kept) return;
  waiting = { pair: inHand, text };
  timer = setTimeout(sendNow, SETTLED_MS);
}

function sendNow(): void {
  clearTimeout(timer);
  if (waiting === undefined) return;
  const { pair, text } = waiting;
  waiting = undefined;
  kept = text;
  workstation()
    .call('alignmentKeep', { ...pair, alignment: JSON.parse(text) as KeptAlignment | null })
    .catch(() => {
      // The next change tries again.
      if (inHand === pair) kept = '';
    });
}
