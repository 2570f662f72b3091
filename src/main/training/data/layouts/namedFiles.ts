import { basename, dirname } from 'node:path';
import type { JobContext } from '../../../../core/job.ts';
import { walkFiles } from '../../../studies/walk.ts';
import type { Contrasts, Findings, FoundCase, Layout, LeftOut } from '../layouts.ts';
import { readPair } from '../pairFiles.ts';

/** What the name of a file tells in a collection that names its files by a rule. */
export interface NameParts {
  /** The scan of one patient at one time. */
  readonly name: string;
  readonly patient: string;
  readonly contrast: string;
}

export interface NamingRule {
  readonly layout: Layout;
  /** As people call the collection. */
  readonly title: string;
  /** Undefined where the collection has no such names. */
  readonly parse: (fileName: string) => NameParts | undefined;
  /** A contrast as the collection calls it, in the workstation's words. */
  readonly contrast: (name: string) => string;
}

interface Scan {
  readonly patient: string;
  /** By contrast; the first file of a contrast counts. */
  readonly files: Map<string, string>;
}

/** The cases of a collection whose files are told apart by their names, wherever below the folders they lie. */
export async function findNamed(
  rule: NamingRule,
  folders: readonly string[],
  contrasts: Contrasts,
  job: JobContext,
): Promise<Findings> {
  const scans = await scansIn(rule, folders, job);
  const target = rule.contrast(contrasts.target);
  const reference = contrasts.reference && rule.contrast(contrasts.reference);
  const cases: FoundCase[] = [];
  const without: LeftOut[] = [];
  for (const [name, { patient, files }] of scans) {
    const targetFile = files.get(target);
    if (targetFile === undefined) {
      without.push({ name, patient, reason: `There is no ${target} of this scan, only ${list(files)}` });
      continue;
    }
    const referenceFile = reference && files.get(reference);
    const lacking = reference !== undefined && referenceFile === undefined;
    cases.push({
      name,
      patient,
      layout: rule.layout,
      path: dirname(targetFile),
      target: basename(targetFile),
      reference: referenceFile && basename(referenceFile),
      notes: [],
      problem: lacking ? `There is no ${reference} of this scan, only ${list(files)}` : undefined,
      read: () => readPair({ name, patient, target: targetFile, reference: referenceFile }),
    });
  }
  return { cases, without };
}

async function scansIn(
  { parse }: NamingRule,
  folders: readonly string[],
  { signal }: JobContext,
): Promise<Map<string, Scan>> {
  const scans = new Map<string, Scan>();
  for (const folder of folders) {
    for await (const { path } of walkFiles(folder, signal)) {
      const parts = parse(basename(path));
      if (parts === undefined) continue;
      const scan = scans.get(parts.name) ?? { patient: parts.patient, files: new Map() };
      scans.set(parts.name, scan);
      if (!scan.files.has(parts.contrast)) scan.files.set(parts.contrast, path);
    }
  }
  return scans;
}

function list(files: ReadonlyMap<string, string>): string {
  return [...files.keys()].sort().join(', ');
}
