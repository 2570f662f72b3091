import type { Leak } from '../../core/contract/acceptance.ts';
import type { Request } from '../../core/contract/operations.ts';
import { TandemError, throwIfCancelled, toErrorData } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { findCases } from '../training/data/findCases.ts';
import type { FoundCase, LeftOut } from '../training/data/layouts.ts';
import type { Split } from '../training/data/manifest.ts';
import { splitPatients } from '../training/data/splitPatients.ts';
import { appVersion } from '../version.ts';
import { checkCase, type SoundCase } from './checkCase.ts';
import type { ChosenSoFar } from './chosenSoFar.ts';
import { type LockedSet, patientSha256, refuseLocked } from './lockedSet.ts';
import { samePerson } from './samePerson.ts';

export interface ChosenCases {
  readonly cases: readonly (SoundCase & { readonly split: Split })[];
  readonly leftOut: readonly LeftOut[];
  /** Cases under two identities that are of one person, and so went to one side together. */
  readonly samePeople: readonly Leak[];
  /** Of the cases of the test side; undefined where there are none. */
  readonly locked: LockedSet | undefined;
}

/** More than a request says of who goes where. */
export interface Choosing {
  /**
   * The side that the request puts a case on by the folder that it is in: `learn` is training or validation.
   * Undefined where it may be drawn for any.
   */
  readonly demanded?: (found: FoundCase) => 'learn' | 'validation' | 'test' | undefined;
  /** Cases of people who stay on the training side where nothing else is asked for: the base knows them. */
  readonly trained?: (one: SoundCase) => boolean;
  /** See `ChosenSoFar`. */
  readonly soFar?: ChosenSoFar | undefined;
  /** Its cases are the test side; others of the same patients or with the same voxels are left out. */
  readonly locked?: LockedSet | undefined;
  /** Shares for so many people of whom no side is demanded; the request's where absent. */
  readonly shares?: (people: {
    readonly free: number;
    readonly tested: number;
    readonly validated: number;
  }) => {
    readonly validationShare: number;
    readonly testShare: number;
  };
}

/**
 * What a model will learn from, be chosen by and be judged on: every case read and checked (`checkCase`), the
 * unsuitable left out with their reasons, and people, not identities, split. Two cases that show the same head are
 * one person whatever their IDs say: where the sides are drawn, they go to one side together; where the request
 * names both for different sides, that is an error which names them.
 *
 * Throws `nothing-readable` where no case is left to learn from, with the reasons; `bad-training-data` for a person
 * on two sides; `usage`, `not-found`, `cancelled`.
 */
export async function chooseCases(
  request: Request<'finetuneCases'>,
  job: JobContext,
  { demanded = () => undefined, trained = () => false, soFar, locked, shares }: Choosing = {},
): Promise<ChosenCases> {
  const { target, reference, leastSlices, registration } = request;
  const found = await findCases({ sources: request.sources, layout: request.layout, target, reference }, job);
  refuseTorn(found.cases, demanded);
  const once: ChosenSoFar['once'] = (key, work) => soFar?.once(key, work) ?? Promise.resolve(work());
  const options = { target, reference, leastSlices, placing: registration, once };
  const sound: SoundCase[] = [];
  const leftOut: LeftOut[] = [...found.without];
  for (const [index, one] of found.cases.entries()) {
    throwIfCancelled(job.signal);
    job.progress({ stage: 'checking', done: index, total: found.cases.length, message: one.name });
    try {
      const checked = await checkCase(one, options, job);
      if (locked !== undefined && !isLocked(checked, locked)) refuseLocked(locked, [checked], checked.voxels);
      sound.push(checked);
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (!(error instanceof TandemError) || code === 'cancelled') throw error;
      leftOut.push({ name: one.name, patient: one.patient, path: one.path, reason: message });
    }
  }
  if (sound.length === 0) {
    const reasons = leftOut.map(({ name, reason }) => `${name}: ${reason}`).join(' ');
    throw new TandemError('nothing-readable', `No case can be learned from. ${reasons}`, {
      hint: 'Choose full-resolution scans of both contrasts.',
    });
  }
  const { people, samePeople } = await peopleOf(sound, once, job);
  const sideOf = ({ found: one, ...checked }: SoundCase) =>
    locked !== undefined && isLocked(checked, locked) ? 'test' : sidesAsked(one, demanded)[0];
  const on = (side: 'learn' | 'validation' | 'test') => sound.filter((one) => sideOf(one) === side);
  refuseCrossing([on('test'), [...on('learn'), ...on('validation')]], people, samePeople);
  refuseCrossing([on('validation'), on('learn')], people, samePeople);
  const personsOf = (cases: readonly SoundCase[]) => cases.map(({ patient }) => people.get(patient)!);
  const asked = {
    validation: [...meant(request.validation, sound, people), ...personsOf(on('validation'))],
    test: [...meant(request.test, sound, people), ...personsOf(on('test'))],
  };
  const both = [
    ...asked.validation.filter((person) => asked.test.includes(person)),
    ...personsOf(on('learn')).filter((person) => asked.test.includes(person)),
  ];
  if (both.length > 0) {
    const said = samePeople.filter(({ patient }) => both.includes(people.get(patient)!));
    throw leaked(
      said.length > 0 ? said.map(({ words }) => words) : both,
      sound.filter((one) => both.includes(people.get(one.patient)!)).map((one) => one.found),
    );
  }
  const persons = [...new Set(people.values())];
  const stay = new Set(personsOf(sound.filter(trained)));
  const free = persons.filter(
    (person) => ![...asked.validation, ...asked.test].includes(person) && !stay.has(person),
  );
  const count = {
    free: free.length,
    tested: new Set(asked.test).size,
    validated: new Set(asked.validation).size,
  };
  const sides = splitPatients(persons, { ...request, ...shares?.(count), ...asked, stay });
  const cases = sound.map((one) => ({ ...one, split: sides.get(people.get(one.patient)!)! }));
  return {
    cases,
    leftOut,
    samePeople,
    locked: lockedOf(
      request,
      cases.filter(({ split }) => split === 'test'),
    ),
  };
}

/** The sides that a request puts a case on by the places where it lies, the one that is kept apart most first. */
function sidesAsked(
  one: FoundCase,
  demanded: NonNullable<Choosing['demanded']>,
): readonly NonNullable<ReturnType<typeof demanded>>[] {
  const asked = new Set([one.path, ...(one.alsoIn ?? [])].map((path) => demanded({ ...one, path })));
  return (['test', 'validation', 'learn'] as const).filter((side) => asked.has(side));
}

/** Throws `bad-training-data` where a study lies in two folders that are asked for different sides. */
function refuseTorn(cases: readonly FoundCase[], demanded: NonNullable<Choosing['demanded']>): void {
  const torn = cases.filter((one) => sidesAsked(one, demanded).length > 1);
  if (torn.length === 0) return;
  throw leaked(
    torn.map(({ name }) => `${name} lies in folders that are asked for different sides.`),
    torn,
  );
}

function isLocked({ files }: Pick<SoundCase, 'files'>, { cases }: LockedSet): boolean {
  const key = (some: SoundCase['files']) =>
    some
      .map(({ sha256 }) => sha256)
      .sort()
      .join();
  return cases.some((one) => key(one.files) === key(files));
}

/** Throws `bad-training-data`, naming the cases, where a person is on both sides. */
function refuseCrossing(
  [some, others]: readonly [readonly SoundCase[], readonly SoundCase[]],
  people: ReadonlyMap<string, string>,
  samePeople: readonly Leak[],
): void {
  const meant = new Set<FoundCase>();
  const words = some.flatMap((one) =>
    others.flatMap((other) => {
      if (people.get(one.patient) !== people.get(other.patient)) return [];
      const said = samePeople.find(({ case: a, trainedCase: b }) =>
        [one.name, other.name].every((name) => name === a || name === b),
      );
      const both = `${other.name} and ${one.name} are of one person`;
      meant.add(other.found).add(one.found);
      if (said !== undefined) return [said.words];
      return [one.patient === other.patient ? `${both}: both are the patient ${one.patient}.` : `${both}.`];
    }),
  );
  if (words.length > 0) throw leaked([...new Set(words)], [...meant]);
}

/** Each identity's person: the first identity, by name, that is of the same head. */
async function peopleOf(sound: readonly SoundCase[], once: ChosenSoFar['once'], job: JobContext) {
  const people = new Map(sound.map(({ patient }) => [patient, patient]));
  const samePeople: Leak[] = [];
  const total = (sound.length * (sound.length - 1)) / 2;
  let done = 0;
  for (const [n, one] of sound.entries()) {
    for (const other of sound.slice(0, n)) {
      job.progress({ stage: 'comparing', done: done++, total, message: `${one.name} and ${other.name}` });
      if (people.get(one.patient) === people.get(other.patient)) continue;
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(job.signal);
      const key = [one, other].flatMap(({ name, files }) => [name, ...files.map(({ sha256 }) => sha256)]);
      const same = await once(`person ${key.join()}`, () => samePerson(one, other) ?? null);
      if (same === null) continue;
      const [kept, gone] = [people.get(one.patient)!, people.get(other.patient)!].sort() as [string, string];
      for (const [patient, person] of people) if (person === gone) people.set(patient, kept);
      samePeople.push({
        case: one.name,
        patient: one.patient,
        trainedCase: other.name,
        trainedPatient: other.patient,
        ...same,
      });
    }
  }
  return { people, samePeople };
}

/** People by the names that a request gives; names that are no identity here stay, for the split to refuse. */
function meant(
  names: readonly string[],
  sound: readonly SoundCase[],
  people: ReadonlyMap<string, string>,
): string[] {
  const all = sound.map(({ patient }) => patient);
  return [
    ...new Set(
      names.flatMap((name) => {
        const own = all.includes(name) ? [name] : all.filter((patient) => patient.startsWith(name));
        return own.length === 0 ? [name] : own.map((patient) => people.get(patient)!);
      }),
    ),
  ];
}

/** @param cases that the words are about: of DICOM their names are hashes, so it is said where they are */
function leaked(words: readonly string[], cases: readonly FoundCase[]): TandemError {
  const where = cases
    .filter(({ layout }) => layout === 'dicom')
    .map(({ name, path, alsoIn = [] }) => `${name} is in ${[path, ...alsoIn].join(' and in ')}`);
  const places = where.length === 0 ? '' : ` ${where.join('; ')}.`;
  return new TandemError(
    'bad-training-data',
    `The same person would be learned from and judged on. ${words.join(' ')}${places}`,
    {
      hint: 'Put all scans of a person on one side, or leave some out.',
    },
  );
}

function lockedOf(request: Request<'finetuneCases'>, tested: readonly SoundCase[]): LockedSet | undefined {
  if (tested.length === 0) return undefined;
  return {
    format: 'tandem-locked-test',
    formatVersion: 1,
    written: new Date().toISOString(),
    software: `Tandem MR ${appVersion}`,
    target: request.target,
    reference: request.reference ?? null,
    cases: tested.map(({ name, patient, files, voxels }) => ({
      name,
      patient,
      patientSha256: patientSha256(patient),
      files: files.map((file) => ({ ...file })),
      voxels: { ...voxels },
    })),
  };
}
