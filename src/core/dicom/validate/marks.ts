import { C } from '../derived/companionTags.ts';
import { type CheckedObject, elementOf, isDeidentified, itemsOf, stringOf } from './checkedObject.ts';
import type { Note } from './finding.ts';
import { sopClassOf } from './sopClasses.ts';

/**
 * Whether an object of this program says that it is for research use: Content Qualification where its class has
 * it, the series' description, and the description of what contributed. De-identification may take descriptions
 * away; then Content Qualification alone is asked for.
 */
export function checkMarks(object: CheckedObject, note: Note): void {
  const { dataSet } = object;
  const { saysQualification } = sopClassOf(stringOf(dataSet, C.SOPClassUID));
  const tell = (severity: 'error' | 'warning', tag: number, message: string) =>
    note(severity, 'no-research-mark', [tag], message);
  if (saysQualification && stringOf(dataSet, C.ContentQualification) !== 'RESEARCH') {
    tell('error', C.ContentQualification, 'Content Qualification is not RESEARCH');
  }
  const mayBeCleaned = isDeidentified(object);
  if (!/\bRUO\b/.test(stringOf(dataSet, C.SeriesDescription))) {
    const isGone = mayBeCleaned && elementOf(dataSet, C.SeriesDescription) === undefined;
    if (!isGone)
      tell('error', C.SeriesDescription, 'Series Description does not say RUO (research use only)');
    else if (!saysQualification) {
      tell('warning', C.SeriesDescription, 'De-identification has left nothing that says research use only');
    }
  }
  const isSaid = itemsOf(dataSet, C.ContributingEquipmentSequence).some((item) =>
    /research use only/i.test(stringOf(item, C.ContributionDescription)),
  );
  if (!isSaid && !mayBeCleaned) {
    tell(
      'error',
      C.ContributingEquipmentSequence,
      'No contributing equipment is described as for research use only',
    );
  }
}
