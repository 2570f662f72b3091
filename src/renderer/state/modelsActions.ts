import { text } from '../text.ts';
import { loadModels } from './enhanceActions.ts';
import { joinPath } from './hostPaths.ts';
import { type ModelsState, type StateChange, setModels, useModels } from './modelsStore.ts';
import { clearJob, runJob, workstation } from './session.ts';
import { changeSettings, useSettings } from './settings.ts';
import type { ModelSummary } from './store.ts';

/** Opens the sheet on one of its pages, the list of models as it is now. */
export function openModels(page: ModelsState['page'] = 'list'): void {
  clearJob('models');
  setModels({ isOpen: true, page, report: null, change: null, said: '' });
  void loadModels();
}

export function closeModels(): void {
  setModels({ isOpen: false, report: null, change: null });
}

export function chooseModelRow(id: string): void {
  clearJob('models');
  setModels({ chosen: id, change: null, said: '' });
}

const OPERATIONS = {
  accept: 'modelsAccept',
  retire: 'modelsRetire',
  rollBack: 'modelsRollback',
} as const satisfies Record<StateChange, string>;

/** What can become of a model now. */
export function possibleChanges({ standing }: ModelSummary): StateChange[] {
  const { state, isDefault, report } = standing;
  if (state === 'shipped') return [];
  return [
    ...(state !== 'accepted' && report?.passed === true ? (['accept'] as const) : []),
    ...(state === 'accepted' && isDefault ? (['rollBack'] as const) : []),
    ...(state !== 'retired' ? (['retire'] as const) : []),
  ];
}

/** A model whose state is to change. */
export interface StatedModel {
  readonly id: string;
  readonly path: string;
  /** The default before it. */
  readonly predecessor: string | null;
}

/** Changes the state of a model in the user's name, and reads the list again. */
export async function changeModelState(model: StatedModel, change: StateChange, user: string): Promise<void> {
  const notes = useModels.getState().notes.trim();
  if (user !== useSettings.getState().user) void changeSettings({ user });
  const request = { model: model.path, by: user, ...(notes !== '' && { notes }) };
  const done = await runJob('models', async (options) => {
    await workstation().call(OPERATIONS[change], request, options);
    return true;
  });
  if (done === undefined) return;
  setModels({ change: null, notes: '' });
  await loadModels();
}

export async function readReport(model: Pick<ModelSummary, 'path'>): Promise<void> {
  const report = await runJob('models', (options) =>
    workstation().call('modelsReport', { model: model.path }, options),
  );
  if (report !== undefined) setModels({ report });
}

/** Writes a model as one file into a folder. */
export async function exportModel(model: ModelSummary, folder: string): Promise<void> {
  setModels({ said: '' });
  const out = joinPath(folder, `${model.id}-${model.version}.tar`);
  const user = useSettings.getState().user;
  const written = await runJob('models', (options) =>
    workstation().call(
      'modelsExportPackage',
      { model: model.path, out, ...(user !== '' && { by: user }) },
      options,
    ),
  );
  if (written !== undefined) setModels({ said: text.models.exported(written.path) });
}

/** Takes a package in, as a candidate, and looks at it. */
export async function importModel(path: string): Promise<void> {
  setModels({ said: '' });
  const user = useSettings.getState().user;
  const taken = await runJob('models', (options) =>
    workstation().call('modelsImportPackage', { path, ...(user !== '' && { by: user }) }, options),
  );
  if (taken === undefined) return;
  await loadModels();
  setModels({ chosen: taken.model, importFrom: '', said: text.models.imported(taken.model) });
}
