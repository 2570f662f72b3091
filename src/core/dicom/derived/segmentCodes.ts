import type { Code } from './codes.ts';

/** What a segment is: category and type (CID 7150 and 7151 and those that extend it, PS3.16). */
export interface SegmentMeaning {
  readonly category: Code;
  readonly type: Code;
}

const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const ncit = (value: string, meaning: string): Code => ({ value, scheme: 'NCIt', meaning });

export const ANATOMICAL_STRUCTURE = sct('123037004', 'Anatomical Structure');
export const TISSUE = sct('85756007', 'Tissue');
export const MORPHOLOGICALLY_ABNORMAL = sct('49755003', 'Morphologically Abnormal Structure');

const abnormal = (type: Code): SegmentMeaning => ({ category: MORPHOLOGICALLY_ABNORMAL, type });
const anatomy = (type: Code): SegmentMeaning => ({ category: ANATOMICAL_STRUCTURE, type });

/** Segments by the short names that a labels file may use instead of codes. */
export const SEGMENT_MEANINGS: Readonly<Record<string, SegmentMeaning>> = {
  necrosis: abnormal(sct('6574001', 'Necrosis')),
  edema: abnormal(sct('79654002', 'Edema')),
  'enhancing-lesion': abnormal(ncit('C113842', 'Enhancing Lesion')),
  'non-enhancing-lesion': abnormal(ncit('C81175', 'Non-Enhancing Lesion')),
  neoplasm: abnormal(sct('108369006', 'Neoplasm')),
  lesion: abnormal(sct('52988006', 'Lesion')),
  brain: anatomy(sct('12738006', 'Brain')),
  'white-matter': anatomy(sct('68523003', 'Cerebral White Matter')),
  'gray-matter': anatomy(sct('40146001', 'Cerebral Cortex')),
  tissue: { category: TISSUE, type: sct('85756007', 'Tissue') },
};
