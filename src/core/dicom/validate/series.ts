import { dot } from '../../volume/vec.ts';
import { C } from '../derived/companionTags.ts';
import type { FindingCode, Note, Severity } from './finding.ts';
import { checkStack } from './geometry.ts';
import type { Member } from './member.ts';

/** Puts what is found of a member among the findings of its file. */
export type Tell = (member: Member) => Note;

/** Holds all objects against each other: instances once, a patient a study, and each series in itself. */
export function checkMembers(members: readonly Member[], tell: Tell): void {
  const byInstance = Map.groupBy(members, ({ sopInstanceUid }) => sopInstanceUid);
  for (const [uid, same] of byInstance) {
    if (uid === '' || same.length < 2) continue;
    tell(same[1]!)(
      'error',
      'duplicate-instance',
      [C.SOPInstanceUID],
      `Another file has the same SOP Instance UID: ${same[0]!.file}`,
    );
  }
  for (const study of Map.groupBy(members, ({ studyUid }) => studyUid).values()) {
    checkSame(
      study,
      'mixed-patient',
      C.PatientID,
      ({ patientId }) => patientId,
      'A study has several Patient IDs',
      tell,
    );
  }
  for (const series of Map.groupBy(members, ({ seriesUid }) => seriesUid).values()) checkSeries(series, tell);
}

function checkSeries(series: readonly Member[], tell: Tell): void {
  if (series.length < 2) return;
  const strict = series.every(({ isOurs }) => isOurs);
  const same = (
    code: FindingCode,
    tag: number,
    of: (member: Member) => string,
    message: string,
    severity?: Severity,
  ) => checkSame(series, code, tag, of, message, tell, severity);
  same(
    'mixed-study',
    C.StudyInstanceUID,
    ({ studyUid }) => studyUid,
    'A series has several Study Instance UIDs',
  );
  same(
    'mixed-frame-of-reference',
    C.FrameOfReferenceUID,
    ({ frameOfReferenceUid }) => frameOfReferenceUid,
    'A series has several Frame of Reference UIDs',
  );
  same('mixed-series', C.Modality, ({ modality }) => modality, 'A series has several modalities');
  const severity = strict ? 'error' : 'warning';
  same(
    'mixed-series',
    C.SOPClassUID,
    ({ sopClassUid }) => sopClassUid,
    'A series has several SOP classes',
    severity,
  );
  same('mixed-series', C.Rows, ({ size }) => size, 'A series has images of several sizes', severity);
  checkNumbers(series, tell, severity);
  checkPlanesOfSeries(series, tell, strict);
}

function checkSame(
  members: readonly Member[],
  code: FindingCode,
  tag: number,
  of: (member: Member) => string,
  message: string,
  tell: Tell,
  severity: Severity = 'error',
): void {
  const first = of(members[0]!);
  const other = members.find((member) => of(member) !== first);
  if (other !== undefined) {
    tell(other)(severity, code, [tag], `${message}: “${first}” and “${of(other)}”`);
  }
}

function checkNumbers(series: readonly Member[], tell: Tell, severity: Severity): void {
  const seen = new Set<number>();
  for (const member of series) {
    const { instanceNumber } = member;
    if (instanceNumber === undefined) continue;
    if (seen.has(instanceNumber)) {
      tell(member)(
        severity,
        'instance-numbers',
        [C.InstanceNumber],
        `Instance Number ${instanceNumber} is given twice in a series`,
      );
      return;
    }
    seen.add(instanceNumber);
  }
}

/** Directions nearer than this are parallel (their cosine). */
const PARALLEL = 1e-4;

function checkPlanesOfSeries(series: readonly Member[], tell: Tell, strict: boolean): void {
  // Objects of many frames are stacks in themselves.
  const placed = series.filter(({ planes }) => planes?.positionsLps.length === 1);
  const first = placed[0]?.planes;
  if (first === undefined || placed.length < 2) return;
  const turned = placed.find(
    ({ planes }) =>
      dot(planes!.iAxisLps, first.iAxisLps) < 1 - PARALLEL ||
      dot(planes!.jAxisLps, first.jAxisLps) < 1 - PARALLEL,
  );
  const severity = strict ? 'error' : 'warning';
  if (turned !== undefined) {
    tell(turned)(
      severity,
      'mixed-orientation',
      [C.ImageOrientationPatient],
      'A series has images of several orientations',
    );
    return;
  }
  const spaced = placed.find(({ planes }) =>
    planes!.spacingMm.some((mm, n) => Math.abs(mm - first.spacingMm[n]!) > 1e-4 * mm),
  );
  if (spaced !== undefined) {
    tell(spaced)(severity, 'spacing', [C.PixelSpacing], 'A series has images of several pixel spacings');
  }
  const stack = checkStack(
    placed.map((member) => ({ member, positionLps: member.planes!.positionsLps[0]!, note: tell(member) })),
    first,
    strict,
  );
  checkNumbersAlong(
    stack.map(({ member }) => member),
    tell,
    strict,
  );
}

/** Instance numbers go one way along the normal; ours ascend. */
function checkNumbersAlong(sorted: readonly Member[], tell: Tell, strict: boolean): void {
  const numbers = sorted.map(({ instanceNumber }) => instanceNumber);
  if (numbers.some((number) => number === undefined)) return;
  const steps = numbers.slice(1).map((number, n) => number! - numbers[n]!);
  const ascends = steps.every((step) => step > 0);
  const descends = steps.every((step) => step < 0);
  if (ascends || (descends && !strict)) return;
  const at = steps.findIndex((step) => step <= 0) + 1;
  tell(sorted[at]!)(
    strict ? 'error' : 'warning',
    'instance-numbers',
    [C.InstanceNumber],
    'Instance numbers do not follow the positions along the normal',
  );
}
