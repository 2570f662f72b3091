import { useSettings } from './settings.ts';
import { type AppState, seriesByUid } from './store.ts';

/**
 * A folder that says what it holds, beside what was opened and never in it: the study would be another one
 * when it is opened again. None for dropped copies, which the workstation deletes when it ends.
 */
export function suggestedFolder(state: AppState, model: string): string {
  const series = seriesByUid(state, state.targetUid);
  if (series === undefined || state.pathsAreCopies) return '';
  const trimmed = series.path.replace(/[\\/]+$/, '');
  const opened = state.paths
    .map((path) => path.replace(/[\\/]+$/, ''))
    .find((path) => trimmed === path || trimmed.startsWith(`${path}/`) || trimmed.startsWith(`${path}\\`));
  const base = (opened ?? trimmed).replace(/\.nii(\.gz)?$/i, '');
  // Of several series of one study, each gets its own.
  const which =
    opened === undefined || opened === trimmed
      ? ''
      : `-${trimmed.split(/[\\/]/).at(-1)}`.replace(/\.nii(\.gz)?$/i, '');
  const name = model.split(/[\\/]/).at(-1) ?? model;
  if (base === '') return '';
  const beside = `${base}-enhanced${which}-${name}`;
  const chosen = useSettings
    .getState()
    .exportFolder.trim()
    .replace(/[\\/]+$/, '');
  if (chosen === '') return beside;
  const separator = chosen.includes('\\') && !chosen.includes('/') ? '\\' : '/';
  return `${chosen}${separator}${beside.split(/[\\/]/).at(-1)}`;
}
