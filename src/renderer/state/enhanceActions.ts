import type { RequestInput } from '../../core/contract/operations.ts';
import type { DeviceChoice, SeriesSelector } from '../../core/contract/schemas.ts';
import { type ErrorData, TandemError, toErrorData } from '../../core/errors.ts';
import { useAlign } from './align.ts';
import { alignmentForEnhance } from './alignActions.ts';
import { type NewJob, submitJobs } from './queue.ts';
import { subjectOf } from './queuedRun.ts';
import { abandonJob, clearJob, workstation } from './session.ts';
import { type AppState, type ModelSummary, seriesByUid, setApp, useApp } from './store.ts';
import { watchJob } from './watchJob.ts';

export const ALWAYS_OFFERED: readonly DeviceChoice[] = ['cpu', 'webgpu'];

/** Asks for the models once per connection. */
export async function loadModels(): Promise<void> {
  try {
    const found = await workstation().call('models', {});
    setApp({ models: found.models, refusedModels: found.refused, modelsError: undefined });
    chooseModel();
  } catch (error) {
    setApp({ modelsError: toErrorData(error) });
  }
}

/** Asks which devices are here, once: looking for them starts processes. */
export async function loadDevices(): Promise<void> {
  if (useApp.getState().devices !== undefined) return;
  setApp({ devices: ALWAYS_OFFERED });
  try {
    const { devices } = await workstation().call('devices', {});
    const others = devices.filter(({ device, available }) => available && !ALWAYS_OFFERED.includes(device));
    setApp({ devices: [...ALWAYS_OFFERED, ...others.map(({ device }) => device)] });
  } catch {
    // What is always offered can be tried: a device that is not here says so.
    setApp({ devices: undefined });
  }
}

/** Models of the scale that can work with the chosen series: guided ones need a reference. */
export function usableModels(state: AppState): ModelSummary[] {
  const canUseReference = state.referenceUid !== null && !useAlign.getState().withoutReference;
  return state.models.filter(
    (model) => model.scale === state.scale && (!model.usesReference || canUseReference),
  );
}

/** Whether a model was made for the contrasts of the chosen pair. */
export function fitsContrast(model: ModelSummary, state: AppState): boolean {
  const target = seriesByUid(state, state.targetUid)?.contrast.name;
  const reference = seriesByUid(state, state.referenceUid)?.contrast.name;
  // What was trained on is not known of weights from elsewhere: they were made for no pair.
  if (model.target === 'unknown' || target !== model.target) return false;
  return !model.usesReference || model.reference === null || model.reference === reference;
}

export function pickModel(id: string): void {
  setApp({ modelId: id, modelPicked: true });
}

/**
 * Keeps the user's model where it still can be used; else the best: shipped or accepted here, made for the contrasts,
 * guided, the default of its contrasts (what the site accepted last, see docs/models.md), then what gained most on
 * patients that it had never seen, as its card says.
 */
export function chooseModel(): void {
  const state = useApp.getState();
  const usable = usableModels(state);
  if (state.modelPicked && usable.some((model) => model.id === state.modelId)) return;
  const [best] = byWorth(usable, state);
  setApp({ modelId: best?.id ?? null, modelPicked: false });
}

/** Models, the best for the chosen pair first (see `chooseModel`). */
export function byWorth(models: readonly ModelSummary[], state: AppState): ModelSummary[] {
  const kind = (model: ModelSummary): number =>
    (isAccepted(model) ? 8 : 0) +
    (fitsContrast(model, state) ? 4 : 0) +
    (model.usesReference ? 2 : 0) +
    (model.standing.isDefault ? 1 : 0);
  const gain = ({ unseenGain }: ModelSummary): number => unseenGain?.psnrInside ?? Number.NEGATIVE_INFINITY;
  return [...models].sort((a, b) => kind(b) - kind(a) || compare(gain(b), gain(a)));
}

/** Whether a model may be taken without being asked for. */
function isAccepted({ standing }: ModelSummary): boolean {
  return standing.state === 'shipped' || standing.state === 'accepted';
}

/** Two that are equal, infinite ones too, stay in their order. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

export function chooseScale(scale: AppState['scale']): void {
  setApp({ scale });
  chooseModel();
}

function selector(state: AppState, uid: string): SeriesSelector {
  return { paths: [...state.paths], series: uid };
}

/** Where the reference is to lie: as the user says now, else as the Align screen left it. */
function positionAsked(
  referenceUid: string | null,
  change: { acceptRegistration?: boolean; registration?: AppState['registration'] },
): Pick<RequestInput<'enhance'>, 'registration' | 'alignment' | 'acceptRegistration'> {
  if (referenceUid === null) return { registration: 'none' };
  if (change.registration !== undefined) return { registration: change.registration };
  const aligned = alignmentForEnhance();
  return { ...aligned, acceptRegistration: change.acceptRegistration ?? aligned.acceptRegistration };
}

/** The job that enhances the chosen target with a model; undefined where no target is chosen. */
function orderOf(
  state: AppState,
  model: ModelSummary,
  change: { acceptRegistration?: boolean; registration?: AppState['registration'] } = {},
): NewJob | undefined {
  const { targetUid } = state;
  const referenceUid = model.usesReference ? state.referenceUid : null;
  const subject = subjectOf(state, referenceUid);
  if (targetUid === null || subject === undefined) return undefined;
  const request: RequestInput<'enhance'> = {
    target: selector(state, targetUid),
    ...(referenceUid === null ? {} : { reference: selector(state, referenceUid) }),
    scale: model.scale,
    model: model.id,
    device: state.device,
    ...positionAsked(referenceUid, change),
  };
  return { order: { kind: 'enhance', request }, subject };
}

/**
 * Puts an enhancement with each of several models into the queue, in their order. Returns what went wrong, if anything did.
 */
export async function enhanceWithAll(models: readonly ModelSummary[]): Promise<ErrorData | undefined> {
  const state = useApp.getState();
  const orders = models.map((model) => orderOf(state, model)).filter((order) => order !== undefined);
  if (orders.length === 0) return undefined;
  try {
    await submitJobs(orders);
    return undefined;
  } catch (error) {
    return toErrorData(error);
  }
}

/** Enhances the chosen pair as a job of the queue, and shows what comes of it. */
export async function enhance(
  change: { acceptRegistration?: boolean; registration?: AppState['registration'] } = {},
): Promise<void> {
  const state = useApp.getState();
  const model = state.models.find((candidate) => candidate.id === state.modelId);
  const order = model === undefined ? undefined : orderOf(state, model, change);
  if (order === undefined) return;
  clearJob('export');
  // Measuring beforehand would only keep the work itself waiting.
  abandonJob('estimate');
  await watchJob(async () => {
    const [submitted] = await submitJobs([order]);
    if (submitted === undefined) throw new TandemError('failed', 'The workstation took no job');
    return submitted.id;
  });
}
