import type { Code } from './codes.ts';

/** A body part as anatomic region. */
export interface BodyPart {
  readonly code: Code;
  /** There is a left one and a right one. */
  readonly isPaired: boolean;
}

const one = (value: string, meaning: string): BodyPart => ({
  code: { value, scheme: 'SCT', meaning },
  isPaired: false,
});
const pair = (value: string, meaning: string): BodyPart => ({ ...one(value, meaning), isPaired: true });

/** Defined terms of Body Part Examined that MR series have, by their codes (PS3.16, annex L and CID 4031). */
const BODY_PARTS: Readonly<Record<string, BodyPart>> = {
  ABDOMEN: one('113345001', 'Abdomen'),
  ANKLE: pair('70258002', 'Ankle joint'),
  BRAIN: one('12738006', 'Brain'),
  BREAST: pair('76752008', 'Breast'),
  CHEST: one('51185008', 'Chest'),
  CSPINE: one('122494005', 'Cervical spine'),
  ELBOW: pair('16953009', 'Elbow joint'),
  FOOT: pair('56459004', 'Foot'),
  HAND: pair('85562004', 'Hand'),
  HEAD: one('69536005', 'Head'),
  HEADNECK: one('774007', 'Head and Neck'),
  HEART: one('80891009', 'Heart'),
  HIP: pair('29836001', 'Hip joint'),
  KNEE: pair('72696002', 'Knee'),
  LIVER: one('10200004', 'Liver'),
  LSPINE: one('122496007', 'Lumbar spine'),
  NECK: one('45048000', 'Neck'),
  PELVIS: one('12921003', 'Pelvis'),
  PROSTATE: one('41216001', 'Prostate'),
  SHOULDER: pair('16982005', 'Shoulder'),
  SPINE: one('421060004', 'Spine'),
  TSPINE: one('122495006', 'Thoracic spine'),
  WRIST: pair('74670003', 'Wrist joint'),
};

/** The code of a Body Part Examined; undefined for one that is not among those that MR series mostly have. */
export function bodyPartOf(bodyPartExamined: string | undefined): BodyPart | undefined {
  const term = bodyPartExamined?.toUpperCase() ?? '';
  return Object.hasOwn(BODY_PARTS, term) ? BODY_PARTS[term] : undefined;
}
