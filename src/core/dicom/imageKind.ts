/** What Image Type (or Frame Type) and Complex Image Component say an image shows. */

const COMPONENTS: Readonly<Record<string, string>> = {
  M: 'magnitude',
  M_FFE: 'magnitude',
  M_SE: 'magnitude',
  M_IR: 'magnitude',
  M_PCA: 'magnitude',
  MAGNITUDE: 'magnitude',
  P: 'phase',
  PHASE: 'phase',
  'PHASE MAP': 'phase',
  PHASE_MAP: 'phase',
  R: 'real',
  REAL: 'real',
  I: 'imaginary',
  IMAGINARY: 'imaginary',
};

/** Images of one place that are no repetition of each other: chemical shift, and maps stored beside them. */
const KINDS: Readonly<Record<string, string>> = {
  W: 'water',
  WATER: 'water',
  F: 'fat',
  FAT: 'fat',
  IP: 'in phase',
  IN_PHASE: 'in phase',
  INPHASE: 'in phase',
  OP: 'opposed phase',
  OUT_PHASE: 'opposed phase',
  OPP_PHASE: 'opposed phase',
  OUTPHASE: 'opposed phase',
  FF: 'fat fraction',
  FAT_FRACTION: 'fat fraction',
  WF: 'water fraction',
  FIELD_MAP: 'field map',
  'FIELD MAP': 'field map',
  B0: 'field map',
  VELOCITY: 'velocity',
  'VELOCITY MAP': 'velocity',
  ADC: 'ADC map',
  FA: 'fractional anisotropy',
  TRACEW: 'trace-weighted',
  R2_STAR: 'R2* map',
  T2_STAR: 'T2* map',
};

/** Kinds that are maps of another quantity: what component a header names beside them does not matter. */
const MAPS: ReadonlySet<string> = new Set([
  'field map',
  'fat fraction',
  'water fraction',
  'ADC map',
  'fractional anisotropy',
  'R2* map',
  'T2* map',
]);

/** Whether an image of this kind is neither magnitude nor phase, but a map. */
export function isMap(kind: string | undefined): boolean {
  return kind !== undefined && MAPS.has(kind);
}

/**
 * Component and kind, where the header says them.
 * @param imageType upper case; from the third value on: the first two have other meanings
 * @param complexComponent (0008,9208), which enhanced objects have
 * @param isFrameType the types are the frame's own; those of a whole object of frames say less than (0008,9208)
 */
export function imageKind(
  imageType: readonly string[],
  complexComponent: string | undefined,
  isFrameType = false,
): { readonly component: string | undefined; readonly kind: string | undefined } {
  const values = imageType.slice(2);
  const named = (words: Readonly<Record<string, string>>) =>
    values.map((value) => words[value]).find((word) => word !== undefined);
  const kind = named(KINDS);
  if (isMap(kind)) return { component: undefined, kind };
  const stated = COMPONENTS[complexComponent?.toUpperCase() ?? ''];
  const byType = named(COMPONENTS);
  return { component: isFrameType ? (byType ?? stated) : (stated ?? byType), kind };
}
