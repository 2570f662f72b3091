import { C } from '../derived/companionTags.ts';
import { type CheckedObject, type CheckSettings, elementOf, isOurs, stringOf } from './checkedObject.ts';
import { checkFileMeta } from './fileMeta.ts';
import { type CountedFinding, FindingList } from './findingList.ts';
import { checkPlanes } from './geometry.ts';
import { checkMarks } from './marks.ts';
import { checkMatrices } from './matrix.ts';
import { type Member, memberOf } from './member.ts';
import { checkFrames } from './multiFrame.ts';
import { checkPixels } from './pixels.ts';
import { checkFunctionalGroups, checkModule } from './requiredAttributes.ts';
import { checkReferences } from './resolve.ts';
import { checkMembers } from './series.ts';
import { isCheckedClass, sopClassOf } from './sopClasses.ts';
import { checkValues } from './values.ts';

/**
 * The project's own check of DICOM objects, one after the other, and of all of them together. It holds what is
 * written against PS3.3 (modules and types), PS3.5 (values), PS3.10 (file meta information), against geometry, and
 * against the references between objects. It keeps of each object only what others are held against.
 */
export class Validation {
  readonly #settings: CheckSettings & ValidationOptions;
  readonly #members: Member[] = [];
  readonly #source: Member[] = [];
  readonly #sourceFindings = new FindingList();
  readonly #findings = new FindingList();

  constructor(settings: CheckSettings & ValidationOptions) {
    this.#settings = settings;
  }

  /** Checks one object by itself and remembers it for the others. */
  add(object: CheckedObject): void {
    this.#members.push(checkObject(object, this.#settings, this.#findings));
  }

  /** An object that the checked ones were made from: what is wrong with it is no fault of theirs. */
  addSource(object: CheckedObject): void {
    this.#source.push(checkObject(object, { ...this.#settings, ours: false }, this.#sourceFindings));
  }

  /** A file that cannot be read to its end: an error of its own. */
  addUnreadable(file: string, message: string): void {
    this.#findings.of(file)('error', 'unreadable', [], message);
  }

  /** Checks the objects against each other and gives all that was found. */
  finish(): ValidationResult {
    const source = this.#settings.hasSource ? this.#source : undefined;
    const tell = (list: FindingList) => (member: Member) => list.of(member.file);
    checkMembers(this.#members, tell(this.#findings));
    checkReferences(this.#members, source, tell(this.#findings));
    if (source !== undefined) checkMembers(source, tell(this.#sourceFindings));
    const inherited = new Set(this.#sourceFindings.all().map(kindOf));
    const findings = this.#findings
      .all()
      .map((finding) => ({ ...finding, ofSource: inherited.has(kindOf(finding)) }));
    return { findings, series: new Set(this.#members.map(({ seriesUid }) => seriesUid)).size };
  }

  /** Source files that the checked objects name, each once. */
  sourceFiles(): string[] {
    const named = new Set(
      this.#members.flatMap(({ references }) => references.map(({ sopInstanceUid }) => sopInstanceUid)),
    );
    return this.#source.filter(({ sopInstanceUid }) => named.has(sopInstanceUid)).map(({ file }) => file);
  }
}

export interface ValidationOptions {
  /** Objects are known to be this program's, whatever they say. */
  readonly ours?: boolean | undefined;
  /** Sources are given with `addSource`. */
  readonly hasSource?: boolean | undefined;
}

export interface ValidationResult {
  readonly findings: readonly (CountedFinding & {
    /** The source has it as well. */
    readonly ofSource: boolean;
  })[];
  readonly series: number;
}

function kindOf({ code, tag }: CountedFinding): string {
  return `${code} ${tag}`;
}

function checkObject(
  object: CheckedObject,
  settings: CheckSettings & ValidationOptions,
  findings: FindingList,
): Member {
  const { dataSet, explicit } = object;
  const note = findings.of(object.file);
  const classUid = stringOf(dataSet, C.SOPClassUID);
  const { module, groups, hasPixels } = sopClassOf(classUid);
  const given = { dictionary: settings.dictionary, note };
  checkFileMeta(object, note);
  checkValues(dataSet, { ...given, explicit });
  checkModule(dataSet, module, given);
  checkFunctionalGroups(dataSet, groups, given);
  if (!isCheckedClass(classUid) && classUid !== '') {
    note(
      'warning',
      'class-not-checked',
      [C.SOPClassUID],
      `Of this SOP class (${classUid}) only what all objects have in common is checked`,
    );
  }
  checkPixels(object, hasPixels, note);
  const planes = checkPlanes(dataSet, note);
  checkFrames(dataSet, planes, note);
  if (elementOf(dataSet, C.RegistrationSequence) !== undefined) checkMatrices(dataSet, note);
  const ours = settings.ours ?? isOurs(object);
  if (ours) checkMarks(object, note);
  return { ...memberOf(object, planes), isOurs: ours };
}
