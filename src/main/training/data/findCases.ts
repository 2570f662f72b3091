import { basename, dirname } from 'node:path';
import type { Request } from '../../../core/contract/operations.ts';
import { TandemError, throwIfCancelled } from '../../../core/errors.ts';
import type { JobContext } from '../../../core/job.ts';
import { findBrats } from './layouts/brats.ts';
import { detectLayout } from './layouts/detect.ts';
import { findDicomStudies } from './layouts/dicomStudies.ts';
import { findFolders } from './layouts/folders.ts';
import { findIxi } from './layouts/ixi.ts';
import type { Contrasts, Finder, Findings, FoundCase, Layout } from './layouts.ts';
import { resolvedSource, studyOfSource } from './studySource.ts';

const FINDERS: Readonly<Record<Layout, Finder>> = {
  folders: findFolders,
  ixi: findIxi,
  brats: findBrats,
  dicom: findDicomStudies,
};

export interface FoundCases extends Findings {
  /** What each source was taken for, in the order of the request. */
  readonly layouts: readonly { readonly source: string; readonly layout: Layout }[];
}

/**
 * The cases that are asked for, sorted by name, each once and each of a name of its own. Sources of one layout are
 * searched together: a collection may have been unpacked into a folder a contrast. Throws `not-found` where a
 * source is of no layout or no case has the target, `cancelled`, and what reading DICOM headers throws.
 */
export async function findCases(
  request: Pick<Request<'dataPrepare'>, 'sources' | 'layout' | 'target' | 'reference'>,
  job: JobContext,
): Promise<FoundCases> {
  const layouts: { source: string; layout: Layout }[] = [];
  for (const source of new Set(request.sources.map(resolvedSource))) {
    throwIfCancelled(job.signal);
    job.progress({
      stage: 'searching',
      done: layouts.length,
      total: request.sources.length,
      message: source,
    });
    const { layout, target } = request;
    const isStudy = studyOfSource(source) !== undefined;
    const detected = async () => (isStudy ? 'dicom' : await detectLayout(source, target, job));
    layouts.push({ source, layout: layout === 'auto' ? await detected() : layout });
  }
  const groups = [...Map.groupBy(layouts, ({ layout }) => layout)];
  const findings: Findings[] = [];
  for (const [layout, members] of groups) {
    const folders = members.map(({ source }) => source);
    // A folder of cases that holds none is a mistake; an archive of one contrast is not.
    for (const together of layout === 'folders' ? folders.map((folder) => [folder]) : [folders]) {
      findings.push(await findSome(FINDERS[layout], together, layout, request, job));
    }
  }
  // Studies of several patients may lie in one folder, with series that are called the same.
  const once = new Map(
    findings
      .flatMap(({ cases }) => cases)
      .map((one) => [[one.path, one.target, one.name].join('\n'), one] as const),
  );
  return { layouts, cases: told([...once.values()]), without: findings.flatMap(({ without }) => without) };
}

async function findSome(
  find: Finder,
  folders: readonly string[],
  layout: Layout,
  contrasts: Contrasts,
  job: JobContext,
): Promise<Findings> {
  const found = await find(folders, contrasts, job);
  if (found.cases.length > 0) return found;
  const reasons = found.without.slice(0, 3).map(({ name, reason }) => `; ${name}: ${reason}`);
  const more = found.without.length > 3 ? `; and ${found.without.length - 3} more` : '';
  const what = layout === 'folders' ? `${contrasts.target}.nii.gz` : `case with a ${contrasts.target}`;
  throw new TandemError(
    'not-found',
    `There is no ${what} in this folder or in those within (layout ${layout})${reasons.join('')}${more}`,
    { path: folders[0], hint: 'Check --target and --layout.' },
  );
}

/** The name of a case as that of a file; on some disks capitals make no difference. */
export function fileStem(name: string): string {
  return `${/^[A-Za-z0-9]/.test(name) ? '' : 'case-'}${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`.slice(
    0,
    150,
  );
}

/** Sorted, with the folder above before names that would be the same in a file's name, or a number behind. */
function told(cases: readonly FoundCase[]): FoundCase[] {
  const key = (name: string) => fileStem(name).toLowerCase();
  const count = new Map<string, number>();
  for (const { name } of cases) count.set(key(name), (count.get(key(name)) ?? 0) + 1);
  const used = new Set<string>();
  return cases
    .map((one) => {
      const alone = count.get(key(one.name)) === 1;
      const wanted = alone ? one.name : `${basename(dirname(one.path))}-${one.name}`;
      let name = wanted;
      for (let number = 2; used.has(key(name)); number++) name = `${wanted}-${number}`;
      used.add(key(name));
      return { ...one, name };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
