import { join } from 'node:path';
import {
  ACCEPTANCE_FILE,
  type AcceptanceReport,
  type AcceptanceVerdict,
  acceptanceReport,
} from '../../core/contract/acceptance.ts';
import { TandemError } from '../../core/errors.ts';
import { sha256 } from '../audit/entry.ts';
import { readBounded } from './boundedFile.ts';
import type { ModelPackage } from './loadModelPackage.ts';

const LARGEST_REPORT = 64 * 2 ** 20;

export interface ReadReport {
  readonly sha256: string;
  readonly report: AcceptanceReport;
}

/**
 * The acceptance report in a package; undefined where there is none.
 * @throws TandemError `bad-model` where it is not the report of this model, or contradicts itself
 */
export async function readAcceptance({ path, weightsSha256 }: ModelPackage): Promise<ReadReport | undefined> {
  const file = join(path, ACCEPTANCE_FILE);
  const bytes = await readBounded(file, LARGEST_REPORT);
  if (bytes === undefined) return undefined;
  const bad = (message: string): TandemError =>
    new TandemError('bad-model', message, { path: file, hint: 'Judge the model again.' });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('The acceptance report is not JSON');
  }
  const parsed = acceptanceReport.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(`The acceptance report is malformed: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const report = parsed.data;
  if (report.tuned.weightsSha256 !== weightsSha256) {
    throw bad('The acceptance report is about other weights than those of this package');
  }
  if (report.passed && contradiction(report) !== undefined) {
    throw bad(`The acceptance report says that it passed, but ${contradiction(report)}`);
  }
  return { sha256: sha256(bytes), report };
}

/** Why a report that says `passed` cannot have. */
function contradiction({ failures, verdicts, testSet, thresholds }: AcceptanceReport): string | undefined {
  if (failures.length > 0) return failures[0];
  if (testSet.leaks.length > 0) return 'a patient of the test set was trained on';
  if (testSet.failed.length > 0) return 'a case could not be judged';
  if (testSet.patients < thresholds.content.leastPatients) return 'there were too few patients';
  if (verdicts.length !== thresholds.content.thresholds.length) return 'not every threshold was judged';
  return verdicts.find((one) => !holds(one))?.words;
}

function holds({ threshold, value, outcome }: AcceptanceVerdict): boolean {
  if (outcome === 'not-judged') return threshold.whereMeasured;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = threshold;
  return outcome === 'passed' && value !== null && value >= atLeast && value <= atMost;
}
