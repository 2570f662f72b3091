/** What validation finds. Codes are a closed set; the message says what is wrong in words. */

export const FINDING_CODES = [
  /** The file cannot be read as DICOM to its end. */
  'unreadable',
  /** A required attribute is not there (types 1 and 2). */
  'missing',
  /** A required attribute is there without a value (type 1). */
  'empty',
  /** A value that is not among those that the standard allows. */
  'value-not-allowed',
  /** A value is not of the form, or longer than, its value representation allows. */
  'bad-value',
  /** The value representation is not the attribute's. */
  'wrong-vr',
  /** More or fewer values than the attribute has. */
  'wrong-multiplicity',
  'bad-uid',
  /** Elements are not in ascending order of tags. */
  'order-of-elements',
  /** Text outside ASCII and no Specific Character Set that says what it is. */
  'no-character-set',
  /** File meta information is missing, wrong, or says something else than the data set. */
  'file-meta',
  /** The SOP class has no table here: its required attributes are not checked. */
  'class-not-checked',
  'orientation',
  'spacing',
  'position',
  'gap',
  'uneven-spacing',
  'mixed-orientation',
  'same-position',
  'shifted-in-plane',
  'instance-numbers',
  /** Rows × columns × frames are not the pixels that are there. */
  'pixel-bytes',
  /** Bits allocated, stored and high bit, or samples, do not go together. */
  'pixel-format',
  /** Frames, functional groups and dimension indices do not go together. */
  'frames',
  'segments',
  /** A registration's matrix is no rotation and shift. */
  'matrix',
  'mixed-study',
  'mixed-series',
  'mixed-frame-of-reference',
  'mixed-patient',
  'duplicate-instance',
  /** A reference to an instance that is not where it is said to be. */
  'broken-reference',
  /** A reference to something that was not given: it cannot be followed. */
  'unknown-reference',
  /** The source is nowhere named as the source. */
  'source-not-named',
  /** An instance is used and not listed among the references of the object. */
  'unlisted-reference',
  /** What says that an object is for research use, not for diagnosis, is not there. */
  'no-research-mark',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];
export type Severity = 'error' | 'warning';

export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** `(0018,A001) > (0008,0070)`; '' where it is not about one attribute. */
  readonly tag: string;
  readonly message: string;
  readonly file: string;
}

/** Where checks put what they find. @param place tags from the outermost sequence inwards */
export type Note = (severity: Severity, code: FindingCode, place: readonly number[], message: string) => void;
