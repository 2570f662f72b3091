import type { DataElement, DataSet } from '../derived/dataSet.ts';
import { text } from '../derived/dataSet.ts';
import { MANUFACTURER } from '../derived/equipment.ts';
import { T } from '../derived/tags.ts';
import { latin1, stringsOf } from './dummies.ts';

/** What every object of this program ends its series description with, and nothing that somebody typed. */
const ENHANCED = /\[enhanced (x\d) (?:[^\]]*? )??(?:(CANDIDATE|RETIRED) )?RUO\]\s*$/;
const COMPANION = /^Tandem MR (segmentation|map|registration|measurements)( CANDIDATE| RETIRED)? RUO\s*$/;
const RESEARCH_USE = 'Research use only, not for diagnosis';

/**
 * What says “research use only”, and that no one has accepted the model, in a description of this program's own making: words of ours alone, which say
 * nothing of anybody. Descriptions go with de-identification; these words are written again in their place.
 *
 * @param dataSet that the element stands in
 * @returns undefined where the element is no such description
 */
export function researchMark(dataSet: DataSet, { tag, vr, value }: DataElement): DataElement | undefined {
  if (tag !== T.SeriesDescription && tag !== T.ContributionDescription) return undefined;
  const maker = dataSet.find((element) => element.tag === T.Manufacturer)?.value;
  if (!(maker instanceof Uint8Array) || stringsOf(maker)[0] !== MANUFACTURER) return undefined;
  const words = value instanceof Uint8Array ? latin1(value).trim() : '';
  if (tag === T.ContributionDescription) {
    const mark = /^(CANDIDATE|RETIRED): /.exec(words)?.[0] ?? '';
    return /research use only/i.test(words) ? text(tag, vr, mark + RESEARCH_USE) : undefined;
  }
  const [, scale, mark] = ENHANCED.exec(words) ?? [];
  if (scale !== undefined) {
    return text(tag, vr, `[enhanced ${scale}${mark === undefined ? '' : ` ${mark}`} RUO]`);
  }
  return COMPANION.test(words) ? text(tag, vr, words) : undefined;
}

/** Whether a cleaned description still says it. */
export function saysResearchUse({ value }: DataElement): boolean {
  return value instanceof Uint8Array && /\bRUO\b|research use only/i.test(latin1(value));
}
