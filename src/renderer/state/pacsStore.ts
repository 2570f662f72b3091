import { create } from 'zustand';
import type { Result } from '../../core/contract/operations.ts';
import type { StudySummary } from '../../core/contract/schemas.ts';
import type { ErrorData } from '../../core/errors.ts';

/** What the PACS sheet shows: one of its pages, or nothing. */
export const PACS_PAGES = ['find', 'receive', 'settings'] as const;
export type PacsPage = (typeof PACS_PAGES)[number];

export type Match = Result<'pacsFind'>['matches'][number];
export type GetResult = Result<'pacsGet'>;
export type ReceiveResult = Result<'pacsReceive'>;

/** The search as it stands in the form. */
export interface SearchDraft {
  readonly patientName: string;
  readonly patientId: string;
  /** `2026-01-31`, or empty. */
  readonly from: string;
  readonly to: string;
  readonly modality: string;
  readonly accession: string;
  readonly description: string;
}

/** How what is chosen is fetched, as it stands in the form. */
export interface FetchDraft {
  readonly method: 'get' | 'move';
  readonly movePort: string;
  /** AE titles with commas; empty for the PACS itself. */
  readonly moveFrom: string;
}

/** The storage provider as it stands in the form. */
export interface ReceiveDraft {
  readonly aeTitle: string;
  readonly port: string;
  readonly listenOn: 'all' | 'local';
  /** AE titles with commas; empty for anybody. */
  readonly allow: string;
  readonly folder: string;
}

/** What has come in since the provider was switched on. */
export interface Arrivals {
  readonly count: number;
  /** The provider's own last words: from whom, or what was turned away. */
  readonly said: readonly string[];
  readonly studies: readonly StudySummary[];
}

export interface PacsState {
  readonly page: PacsPage | null;
  /** Of received studies, where no other folder is named. */
  readonly receivedFolder: string;

  /** The name of the PACS that is searched. */
  readonly peer: string | null;
  readonly search: SearchDraft;
  /** Undefined before the first search. */
  readonly studies: readonly Match[] | undefined;
  readonly limited: boolean;
  readonly studyUid: string | null;
  /** Of the chosen study; undefined until the PACS has listed them. */
  readonly series: readonly Match[] | undefined;
  readonly seriesError: ErrorData | undefined;
  readonly chosenSeries: readonly string[];
  readonly folder: string;
  readonly fetching: FetchDraft;
  readonly fetched: GetResult | null;

  readonly receive: ReceiveDraft;
  readonly arrivals: Arrivals | null;
  readonly received: ReceiveResult | null;
}

export const NO_SEARCH: SearchDraft = {
  patientName: '',
  patientId: '',
  from: '',
  to: '',
  modality: 'MR',
  accession: '',
  description: '',
};

export const INITIAL_PACS: PacsState = {
  page: null,
  receivedFolder: '',
  peer: null,
  search: NO_SEARCH,
  studies: undefined,
  limited: false,
  studyUid: null,
  series: undefined,
  seriesError: undefined,
  chosenSeries: [],
  folder: '',
  fetching: { method: 'get', movePort: '11112', moveFrom: '' },
  fetched: null,
  receive: { aeTitle: 'TANDEM', port: '11112', listenOn: 'all', allow: '', folder: '' },
  arrivals: null,
  received: null,
};

export const usePacs = create<PacsState>()(() => INITIAL_PACS);

export function setPacs(change: Partial<PacsState>): void {
  usePacs.setState(change);
}

/** AE titles of a field, with commas between them. */
export function aeTitlesOf(field: string): string[] {
  return field
    .split(',')
    .map((title) => title.trim())
    .filter((title) => title !== '');
}
