import type { PlacedBy } from '../../core/contract/keptAlignments.ts';
import type { RequestInput } from '../../core/contract/operations.ts';
import type { Affine } from '../../core/volume/affine.ts';
import { composeAffine, rigidAbout, rotationFromVector } from '../../core/volume/rigid.ts';
import { affineOf, fixedToMovingOf, type SixDegrees, sixDegreesOf } from '../../core/volume/sixDegrees.ts';
import { addScaled, scale, type Vec3 } from '../../core/volume/vec.ts';
import { text } from '../text.ts';
import { type AlignState, type Position, SCANNER_POSITION, setAlign, useAlign } from './align.ts';
import { chooseModel } from './enhanceActions.ts';
import { perform } from './history.ts';
import { abandonJob, clearJob, runJob, workstation } from './session.ts';
import { setApp, useApp } from './store.ts';

/** Movements in a row are judged once they have come to rest. */
const JUDGED_AFTER_MS = 700;

interface Pair {
  readonly target: RequestInput<'align'>['target'];
  readonly reference: RequestInput<'align'>['reference'];
}

/** The chosen pair as the workstation is asked about it; undefined where there is none. */
export function chosenPairRequest(): Pair | undefined {
  const { targetUid, referenceUid, paths } = useApp.getState();
  if (targetUid === null || referenceUid === null) return undefined;
  return {
    target: { paths: [...paths], series: targetUid },
    reference: { paths: [...paths], series: referenceUid },
  };
}

/** Rows of the 4 × 4 matrix of a position: target LPS to reference LPS. */
export function matrixOfPosition(position: Position, centreLps: Vec3): number[][] {
  // What came from the workstation goes back as it is.
  if (position.verdict !== undefined) return position.verdict.matrix;
  return [...fixedToMovingOf(position.motion, centreLps).map((row) => [...row]), [0, 0, 0, 1]];
}

/** The transform, target LPS to reference LPS, that the overlay is drawn with. */
export function transformOfPosition({ motion }: Position, centreLps: Vec3): Affine {
  return fixedToMovingOf(motion, centreLps);
}

let timer: ReturnType<typeof setTimeout> | undefined;

function stopJudging(): void {
  clearTimeout(timer);
  abandonJob('judge');
}

/** Shows a position; what the user said yes to was another. */
function show(position: Position): void {
  stopJudging();
  setAlign({ position, accepted: false, withoutReference: false });
}

/** Goes to another position, so that it can be taken back. */
function goTo(label: string, next: Position, merge?: string): void {
  const before = useAlign.getState().position;
  const pair = chosenPairRequest();
  // Taken back or done again when another pair is shown, a step would move the wrong reference.
  const go = (position: Position): void => {
    if (pair === undefined || !isStillShown(pair)) return;
    show(position);
    if (position.verdict === undefined) judgeSoon(JUDGED_AFTER_MS);
  };
  perform({
    label,
    apply: () => go(next),
    revert: () => go(before),
    ...(merge === undefined ? {} : { merge }),
  });
}

/** Registers the reference onto the target: searching everywhere, or refining where it is now. */
export async function register(from: 'anywhere' | 'here', centreLps: Vec3 | undefined): Promise<void> {
  const pair = chosenPairRequest();
  if (pair === undefined) return;
  const { position } = useAlign.getState();
  const start =
    from === 'here' && centreLps !== undefined
      ? { start: { matrix: matrixOfPosition(position, centreLps) } }
      : {};
  stopJudging();
  clearJob('align');
  setAlign({ begun: true });
  const found = await runJob('align', (options) =>
    workstation().call('align', { ...pair, ...start }, options),
  );
  if (found === undefined || !isStillShown(pair)) return;
  const by: PlacedBy = from === 'here' ? 'refinement' : 'registration';
  goTo(text.align.steps.registered, { motion: found.motion, by, verdict: found });
}

/** Begins with registering, once for a pair; a position that was kept is only judged, where it never was. */
export function begin(): void {
  const { begun, withoutReference, recalling, position } = useAlign.getState();
  if (recalling || withoutReference || chosenPairRequest() === undefined) return;
  if (!begun) void register('anywhere', undefined);
  else if (position.by !== 'scanner' && position.verdict === undefined) judgeSoon(JUDGED_AFTER_MS);
}

/** Takes the positions that the scanner wrote, and says how well they agree. */
export function resetToScanner(): void {
  goTo(text.align.steps.reset, SCANNER_POSITION);
}

/** Moves the reference. @param merge movements of one name in a row are taken back together */
export function moveTo(motion: SixDegrees, merge: string): void {
  goTo(text.align.steps.moved, { motion, by: 'hand', verdict: undefined }, merge);
}

/** The position moved by so many mm towards a direction in LPS. */
export function shifted(
  { rotationDeg, translationMm }: SixDegrees,
  directionLps: Vec3,
  mm: number,
): SixDegrees {
  return { rotationDeg, translationMm: addScaled(translationMm, directionLps, mm) };
}

/** The position turned by so many degrees about an axis in LPS through the centre, right-handed. */
export function turned(motion: SixDegrees, axisLps: Vec3, degrees: number, centreLps: Vec3): SixDegrees {
  const rotation = rotationFromVector(scale(axisLps, (degrees * Math.PI) / 180));
  const turn = rigidAbout(rotation, [0, 0, 0], centreLps);
  return sixDegreesOf(composeAffine(turn, affineOf(motion, centreLps)), centreLps);
}

function judgeSoon(afterMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void judge(), afterMs);
}

/** Asks for the verdict on where the reference is now. */
async function judge(): Promise<void> {
  const pair = chosenPairRequest();
  const { position } = useAlign.getState();
  const centreLps = centreOfTarget();
  if (pair === undefined || centreLps === undefined) return;
  abandonJob('judge');
  const given =
    position.by === 'scanner' ? {} : { position: { matrix: matrixOfPosition(position, centreLps) } };
  const verdict = await runJob('judge', (options) =>
    workstation().call('judgeAlignment', { ...pair, ...given }, options),
  );
  if (verdict === undefined || useAlign.getState().position !== position || !isStillShown(pair)) return;
  setAlign({ position: { ...position, verdict } });
}

let centre: () => Vec3 | undefined = () => undefined;

/** Says where the centre of the target's volume is; the images know it before any verdict does. */
export function provideCentre(centreOf: () => Vec3 | undefined): void {
  centre = centreOf;
}

export function centreOfTarget(): Vec3 | undefined {
  return useAlign.getState().position.verdict?.centreLps ?? centre();
}

function isStillShown(pair: Pair): boolean {
  const now = useApp.getState();
  return (
    now.targetUid === pair.target.series &&
    now.referenceUid === pair.reference.series &&
    pair.target.paths.every((path, n) => now.paths[n] === path)
  );
}

/** The user says yes to what is shown, whatever its verdict, and goes on. */
export function accept(): void {
  setAlign({ accepted: true, withoutReference: false, dropped: false });
  setApp({ task: 'enhance' });
}

/** The user goes on with the target alone. */
export function goOnWithoutReference(): void {
  setAlign({ withoutReference: true, accepted: false, dropped: false });
  chooseModel();
  setApp({ task: 'enhance' });
}

/** The reference counts again. */
export function takeReferenceAgain(): void {
  setAlign({ withoutReference: false });
  chooseModel();
}

/** Whether the position that is shown needs the user's yes before it goes into an enhancement. */
export function needsYes({ position, accepted }: AlignState): boolean {
  return position.verdict?.registration.verdict === 'untrusted' && !accepted;
}

type AlignmentPart = Pick<RequestInput<'enhance'>, 'registration' | 'alignment' | 'acceptRegistration'>;

/**
 * What `enhance` is asked about the reference's position. Only what the user accepted on the Align screen is
 * accepted; the verdict is made again by the workstation.
 */
export function alignmentForEnhance(): AlignmentPart {
  const { position, accepted } = useAlign.getState();
  const acceptRegistration = accepted;
  const centreLps = centreOfTarget();
  if (position.by === 'registration') return { registration: 'rigid', acceptRegistration };
  if (position.by === 'scanner' || centreLps === undefined) {
    // The scanner's positions are taken where the user has looked at them; else registration is still to come.
    const isChosen = position.verdict !== undefined;
    return { registration: isChosen ? 'none' : useApp.getState().registration, acceptRegistration };
  }
  const matrix = matrixOfPosition(position, centreLps);
  return {
    registration: 'rigid',
    alignment: { matrix, by: position.by === 'refinement' ? 'elastix' : 'manual' },
    acceptRegistration,
  };
}
