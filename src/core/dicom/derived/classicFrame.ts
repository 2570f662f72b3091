import { type DataElement, type DataSet, decimals, mergeDataSets, shorts, text } from './dataSet.ts';

/**
 * One frame of an enhanced multi-frame object as the data set of a classic image (PS3.3, C.8.3.1), for
 * what is copied out of it: the attributes of its functional groups, the shared and its own, stand at the
 * top level, and those that have another name or form in a classic image are translated. Values are never
 * made up: an attribute that the frame lacks is absent, or empty where a classic image must have it.
 *
 * @param source data set of the file (`readElements`)
 * @param frame from 0
 */
export function classicFrame(source: DataSet, frame: number): DataSet {
  const shared = itemsOf(source, SHARED_GROUPS)[0] ?? [];
  const own = itemsOf(source, PER_FRAME_GROUPS)[frame] ?? [];
  const flat = mergeDataSets(
    source.filter(({ tag }) => !OF_FRAMES.has(tag)),
    macroValues(shared),
    macroValues(own),
  );
  // `COLUMN` is `COL` in a classic image: here the translation wins.
  const kept = flat.filter(({ tag }) => tag !== C.phaseDirection);
  return withoutIdleInversion(mergeDataSets(translated(flat), kept));
}

/** Type 2C: a classic image has an inversion time where its sequence inverts; some frames say zero of others too. */
function withoutIdleInversion(classic: DataSet): DataSet {
  const sequence = classic.find(({ tag }) => tag === C.scanningSequence)?.value;
  const inverts = sequence instanceof Uint8Array && /\bIR\b/.test(String.fromCharCode(...sequence));
  return inverts ? classic : classic.filter(({ tag }) => tag !== C.inversionTime);
}

const SHARED_GROUPS = 0x52009229;
const PER_FRAME_GROUPS = 0x52009230;
/** What describes frames, and has no place in an image of one. */
const OF_FRAMES: ReadonlySet<number> = new Set([
  SHARED_GROUPS,
  PER_FRAME_GROUPS,
  0x00280008,
  0x00209221,
  0x00209222,
]);
const DIFFUSION_DIRECTION = 0x00189076;
/** Macros that refer to other images; their attributes say nothing of this one. */
const REFERENCES: ReadonlySet<number> = new Set([0x00081140, 0x00082112, 0x00089092, 0x00089124, 0x00089154]);

function itemsOf(dataSet: DataSet, tag: number): readonly DataSet[] {
  const value = dataSet.find((element) => element.tag === tag)?.value;
  return value === undefined || value instanceof Uint8Array ? [] : value;
}

function macroValues(groups: DataSet): DataElement[] {
  return groups.flatMap(({ tag, value }) => {
    if (value instanceof Uint8Array || REFERENCES.has(tag)) return [];
    const macro = value[0] ?? [];
    return [...macro, ...(itemsOf(macro, DIFFUSION_DIRECTION)[0] ?? [])];
  });
}

const A = {
  effectiveEchoTime: 0x00189082,
  inversionTimes: 0x00189079,
  echoPulse: 0x00189008,
  inversionRecovery: 0x00189009,
  spoiling: 0x00189016,
  steadyState: 0x00189017,
  echoPlanar: 0x00189018,
  suppressed: 0x00189025,
  frequencySteps: 0x00189058,
  phaseSteps: 0x00189231,
  rfEchoTrain: 0x00189240,
  frameTime: 0x00189074,
  temporalPosition: 0x00209128,
  contrastAgents: 0x00180012,
  codeMeaning: 0x00080104,
} as const;
const C = {
  contrastAgent: 0x00180010,
  scanningSequence: 0x00180020,
  sequenceVariant: 0x00180021,
  scanOptions: 0x00180022,
  acquisitionType: 0x00180023,
  repetitionTime: 0x00180080,
  echoTime: 0x00180081,
  inversionTime: 0x00180082,
  echoTrain: 0x00180091,
  matrix: 0x00181310,
  phaseDirection: 0x00181312,
  acquisitionDate: 0x00080022,
  acquisitionTime: 0x00080032,
  temporalPosition: 0x00200100,
} as const;

/** Classic attributes by what stands in their place; those that are there already win over these. */
function translated(flat: DataSet): DataElement[] {
  const string = (tag: number): string | undefined => {
    const value = flat.find((element) => element.tag === tag)?.value;
    if (!(value instanceof Uint8Array) || value.length > 256) return undefined;
    return String.fromCharCode(...value).replace(/[\0 ]+$/, '') || undefined;
  };
  const double = (tag: number): number | undefined => numberOf(flat, tag, 8);
  const echoTime = double(A.effectiveEchoTime);
  const inversion = double(A.inversionTimes);
  const echoTrain = numberOf(flat, A.rfEchoTrain, 2);
  const time = string(A.frameTime);
  const index = numberOf(flat, A.temporalPosition, 4);
  return [
    text(C.scanningSequence, 'CS', ...scanningSequence(string)),
    text(C.sequenceVariant, 'CS', ...sequenceVariant(string)),
    text(C.scanOptions, 'CS', ...(string(A.suppressed)?.includes('FAT') === true ? ['FS'] : [])),
    text(C.acquisitionType, 'CS'),
    text(C.repetitionTime, 'DS'),
    echoTime === undefined ? text(C.echoTime, 'DS') : decimals(C.echoTime, echoTime),
    ...(inversion === undefined ? [] : [decimals(C.inversionTime, inversion)]),
    echoTrain === undefined ? text(C.echoTrain, 'IS') : text(C.echoTrain, 'IS', String(echoTrain)),
    ...matrix(flat, string(C.phaseDirection)),
    ...agentInWords(flat),
    ...(time === undefined || time.length < 14
      ? []
      : [
          text(C.acquisitionDate, 'DA', time.slice(0, 8)),
          text(C.acquisitionTime, 'TM', time.slice(8).replace(/[+-]\d+$/, '')),
        ]),
    ...(index === undefined ? [] : [text(C.temporalPosition, 'IS', String(index))]),
  ];
}

/** Type 2 where contrast was given: the agent in words, which an enhanced image has as a code alone. */
function agentInWords(flat: DataSet): DataElement[] {
  const [agent] = itemsOf(flat, A.contrastAgents);
  if (agent === undefined) return [];
  const meaning = agent.find(({ tag }) => tag === A.codeMeaning)?.value;
  return [
    { tag: C.contrastAgent, vr: 'LO', value: meaning instanceof Uint8Array ? meaning : new Uint8Array() },
  ];
}

/** Type 1 in a classic image; `RM`, research mode, is the value for what no other fits. */
function scanningSequence(string: (tag: number) => string | undefined): string[] {
  const pulse = string(A.echoPulse);
  const values = [
    ...(pulse === 'SPIN' || pulse === 'BOTH' ? ['SE'] : []),
    ...(string(A.inversionRecovery) === 'YES' ? ['IR'] : []),
    ...(pulse === 'GRADIENT' || pulse === 'BOTH' ? ['GR'] : []),
    ...(string(A.echoPlanar) === 'YES' ? ['EP'] : []),
  ];
  return values.length > 0 ? values : ['RM'];
}

function sequenceVariant(string: (tag: number) => string | undefined): string[] {
  const isUsed = (tag: number): boolean => (string(tag) ?? 'NONE') !== 'NONE';
  const values = [...(isUsed(A.steadyState) ? ['SS'] : []), ...(isUsed(A.spoiling) ? ['SP'] : [])];
  return values.length > 0 ? values : ['NONE'];
}

/** Acquisition Matrix: frequency rows, frequency columns, phase rows, phase columns. */
function matrix(flat: DataSet, direction: string | undefined): DataElement[] {
  const frequency = numberOf(flat, A.frequencySteps, 2);
  const phase = numberOf(flat, A.phaseSteps, 2);
  const isRow = direction === 'ROW';
  if (direction === undefined) return [];
  const column = text(C.phaseDirection, 'CS', isRow ? 'ROW' : 'COL');
  if (frequency === undefined || phase === undefined) return [column];
  return [column, shorts(C.matrix, isRow ? [frequency, 0, 0, phase] : [0, frequency, phase, 0])];
}

/** The first value of a US (2 bytes), UL (4) or FD (8). */
function numberOf(flat: DataSet, tag: number, width: 2 | 4 | 8): number | undefined {
  const value = flat.find((element) => element.tag === tag)?.value;
  if (!(value instanceof Uint8Array) || value.length < width) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (width === 2) return view.getUint16(0, true);
  if (width === 4) return view.getUint32(0, true);
  const number = view.getFloat64(0, true);
  return Number.isFinite(number) ? number : undefined;
}

/** Whether a data set describes frames by functional groups. */
export function isOfFrames(source: DataSet): boolean {
  return itemsOf(source, PER_FRAME_GROUPS).length > 0;
}
