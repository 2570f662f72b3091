import { isAbsolute, sep } from 'node:path';
import type { FinetuneRequest } from '../../../core/contract/finetune.ts';
import type { FoundCase } from '../../training/data/layouts.ts';
import { resolvedSource, studyName, studyOfSource } from '../../training/data/studySource.ts';
import type { Choosing } from '../chooseCases.ts';

/** Fewer people than this are too few to keep some for a test and learn from the rest. */
const LEAST_FOR_TEST = 6;
const LEAST_TESTED = 3;
/** Fewer people than this are all learned from: none is left to choose weights by. */
const LEAST_FOR_VALIDATION = 3;
const TEST_SHARE = 0.25;
const VALIDATION_SHARE = 0.15;

/** Whom a request puts where, as far as it says. */
export interface AskedSides {
  /** All folders of cases. */
  readonly sources: readonly string[];
  /** Names of patients. */
  readonly test: readonly string[];
  readonly validation: readonly string[];
  /** See `Choosing`. */
  readonly demanded: NonNullable<Choosing['demanded']>;
  readonly shares: NonNullable<Choosing['shares']>;
}

type Sided = Pick<
  FinetuneRequest,
  'cases' | 'test' | 'validation' | 'testShare' | 'validationShare' | 'locked'
>;

/**
 * A name that is an absolute path is a folder of cases, `study:UID` a study of the library, any other that of a patient. A folder of cases that holds
 * a folder of test cases is drawn from; one that does not is learned from, and nobody in it may be tested on.
 */
export function askedSides(request: Sided): AskedSides {
  const folders = (names: readonly string[]) => names.filter(isSource).map(resolvedSource);
  const patients = (names: readonly string[]) => names.filter((name) => !isSource(name));
  const [test, validation] = [folders(request.test), folders(request.validation)];
  const cases = request.cases.map(resolvedSource);
  const named = patients([...request.test, ...request.validation]).length > 0;
  const demanded = (found: FoundCase) => {
    if (test.some((source) => isOf(found, source))) return 'test' as const;
    if (validation.some((source) => isOf(found, source))) return 'validation' as const;
    if (named || test.length + validation.length === 0) return undefined;
    const source = cases.find((one) => isOf(found, one)) ?? found.path;
    const isPool = [...test, ...validation].some((folder) => isBelow(folder, source));
    return isPool ? undefined : ('learn' as const);
  };
  return {
    sources: [...new Set([...cases, ...test, ...validation])],
    test: patients(request.test),
    validation: patients(request.validation),
    demanded,
    shares: (people) => sharesOf(request, people),
  };
}

/** Shares of the people of whom nothing is said. */
function sharesOf(
  { testShare, validationShare, test, locked }: Sided,
  { free, tested, validated }: { readonly free: number; readonly tested: number; readonly validated: number },
): { readonly testShare: number; readonly validationShare: number } {
  const mayTest = test.length === 0 && locked === undefined && tested === 0 && free >= LEAST_FOR_TEST;
  const toTest =
    testShare === undefined
      ? mayTest
        ? Math.max(LEAST_TESTED, Math.round(TEST_SHARE * free))
        : 0
      : Math.round(testShare * free);
  const left = free - toTest;
  const toValidate =
    validationShare === undefined
      ? validated === 0 && left >= LEAST_FOR_VALIDATION
        ? Math.max(1, Math.round(VALIDATION_SHARE * left))
        : 0
      : Math.round(validationShare * free);
  const share = (count: number) => (free === 0 ? 0 : count / free);
  return { testShare: share(toTest), validationShare: share(toValidate) };
}

/** Whether a name is that of a folder or study, and not of a patient. */
function isSource(name: string): boolean {
  return isAbsolute(name) || studyOfSource(name) !== undefined;
}

function isOf({ path, name }: FoundCase, source: string): boolean {
  const uid = studyOfSource(source);
  return uid === undefined ? isBelow(path, source) : name === studyName(uid);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
