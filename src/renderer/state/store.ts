import { create } from 'zustand';
import type { ModelState } from '../../core/contract/modelStates.ts';
import type { Result } from '../../core/contract/operations.ts';
import type { Destination } from '../../core/contract/pacs.ts';
import type {
  DeviceChoice,
  DicomForm,
  PairSuggestion,
  RefusedFile,
  ScaleFactor,
  SeriesSummary,
  StudySummary,
} from '../../core/contract/schemas.ts';
import type { ErrorData } from '../../core/errors.ts';
import type { JobKind, JobState } from './jobs.ts';
import type { ConnectionStatus } from './transport/channel.ts';

/** The tasks, in the order of the work. */
export const TASKS = ['studies', 'pair', 'align', 'enhance', 'review', 'export'] as const;
export type Task = (typeof TASKS)[number];

export type ModelSummary = Result<'models'>['models'][number];
export type EnhanceResult = Result<'enhance'>;
export type ExportResult = Result<'export'>;
export type SendResult = Result<'pacsStore'>;
export type ExportFormat = 'dicom' | 'nifti';
export type RegistrationChoice = 'rigid' | 'none';

/** An enhancement of the pair that is shown, while it is computed. */
export interface Computing {
  /** Names the result, and its slices so far. */
  readonly resultId: string;
  readonly scale: ScaleFactor;
  readonly model: string;
  /** Of the model, now. */
  readonly modelState: ModelState | undefined;
}

/** One of the enhanced series that are stored of a pair. */
export interface PairResult {
  readonly id: string;
  readonly scale: ScaleFactor;
  readonly model: string;
  /** Of the model, when the series was made; undefined where that was before models had states. */
  readonly modelState: ModelState | undefined;
  readonly targetUid: string;
  readonly referenceUid: string | null;
  readonly madeAtMs: number;
}

/** A finished enhancement and what it was made from. */
export interface Enhanced {
  readonly result: EnhanceResult;
  readonly scale: ScaleFactor;
  readonly targetUid: string;
  readonly referenceUid: string | null;
}

export interface AppState {
  readonly connection: ConnectionStatus;
  /** Why there is no workstation at all (no token). */
  readonly connectionError: ErrorData | undefined;
  readonly shell: 'electron' | 'browser';
  readonly task: Task;
  readonly jobs: Readonly<Partial<Record<JobKind, JobState>>>;

  /** What the studies were found under. */
  readonly paths: readonly string[];
  /** They are temporary copies of what was dropped on a browser's page. */
  readonly pathsAreCopies: boolean;
  readonly studies: readonly StudySummary[];
  readonly refused: readonly RefusedFile[];
  readonly studyUid: string | null;

  readonly targetUid: string | null;
  readonly referenceUid: string | null;

  readonly models: readonly ModelSummary[];
  readonly refusedModels: readonly RefusedFile[];
  readonly modelsError: ErrorData | undefined;
  readonly modelId: string | null;
  /** The model was picked by the user, not by fit. */
  readonly modelPicked: boolean;
  readonly scale: ScaleFactor;
  readonly device: DeviceChoice;
  /** What can be chosen beside `auto`; undefined until the machine's devices were asked for. */
  readonly devices: readonly DeviceChoice[] | undefined;
  readonly registration: RegistrationChoice;
  readonly enhanced: Enhanced | null;
  /** All that is stored of the pair, the latest first; see `pairResults.ts`. */
  readonly results: readonly PairResult[];
  /** Shown in the place of the enhanced series while it lasts. */
  readonly computing: Computing | null;

  readonly exportFolder: string;
  readonly exportFormat: ExportFormat;
  /** Which kind of DICOM object. */
  readonly exportAs: DicomForm;
  /** The registration of the reference goes with it. */
  readonly exportRegistration: boolean;
  readonly exported: ExportResult | null;

  /** The PACS that are set up; undefined until they were asked for. */
  readonly destinations: readonly Destination[] | undefined;
  /** The name of the one that the export is to be sent to. */
  readonly sendTo: string | null;
  readonly sent: SendResult | null;

  readonly helpOpen: boolean;
  readonly paletteOpen: boolean;
  /** The page of the help that is open. */
  readonly helpTab: 'pages' | 'diagnostics' | null;
  readonly settingsOpen: boolean;
  /** The last change of the settings could not be kept. */
  readonly settingsUnkept: boolean;
  readonly panelOpen: boolean;
}

export const INITIAL_STATE: AppState = {
  connection: 'connecting',
  connectionError: undefined,
  shell: 'browser',
  task: 'studies',
  jobs: {},
  paths: [],
  pathsAreCopies: false,
  studies: [],
  refused: [],
  studyUid: null,
  targetUid: null,
  referenceUid: null,
  models: [],
  refusedModels: [],
  modelsError: undefined,
  modelId: null,
  modelPicked: false,
  scale: 2,
  device: 'auto',
  devices: undefined,
  registration: 'rigid',
  enhanced: null,
  results: [],
  computing: null,
  exportFolder: '',
  exportFormat: 'dicom',
  exportAs: 'source',
  exportRegistration: false,
  exported: null,
  destinations: undefined,
  sendTo: null,
  sent: null,
  helpOpen: false,
  paletteOpen: false,
  helpTab: null,
  settingsOpen: false,
  settingsUnkept: false,
  panelOpen: true,
};

export const useApp = create<AppState>()(() => INITIAL_STATE);

export function setApp(change: Partial<AppState>): void {
  useApp.setState(change);
}

export function currentStudy(state: AppState): StudySummary | undefined {
  return state.studies.find((study) => study.uid === state.studyUid);
}

export function seriesByUid(state: AppState, uid: string | null): SeriesSummary | undefined {
  return currentStudy(state)?.series.find((series) => series.uid === uid);
}

/** The study's own judgement of the chosen pair, where it has one. */
export function chosenPair(state: AppState): PairSuggestion | undefined {
  return currentStudy(state)?.pairs.find(
    (pair) => pair.target === state.targetUid && pair.reference === state.referenceUid,
  );
}

/** Whether both are about the same series of the same study. */
export function isSamePair(one: AppState, other: AppState): boolean {
  return (
    one.studyUid === other.studyUid &&
    one.targetUid === other.targetUid &&
    one.referenceUid === other.referenceUid
  );
}
