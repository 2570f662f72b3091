import { create } from 'zustand';
import type { DeviceChoice } from '../../core/contract/schemas.ts';
import { chosenLanguage, keepLanguage } from '../text/language.ts';
import { CATALOGUES, text } from '../text.ts';
import { workstation } from './session.ts';
import { setApp, useApp } from './store.ts';
import { setView } from './view.ts';

export const THEMES = ['system', 'dark', 'light'] as const;
export const WHEELS = ['down-next', 'down-previous'] as const;
export const WINDOWS = ['series', 'full'] as const;
export const DRAGS = ['window', 'pan', 'zoom', 'scroll'] as const;
export type Drag = (typeof DRAGS)[number];

/** What a user sets once for the whole window; kept on the workstation. */
export interface Settings {
  readonly theme: (typeof THEMES)[number];
  /** A key of `CATALOGUES`. */
  readonly language: string;
  readonly device: DeviceChoice;
  /** Of a study that is opened. */
  readonly window: (typeof WINDOWS)[number];
  readonly smooth: boolean;
  readonly wheel: (typeof WHEELS)[number];
  readonly leftDrag: Drag;
  readonly middleDrag: Drag;
  readonly rightDrag: Drag;
  /** Exports get folders of their own in it; empty: beside the study. */
  readonly exportFolder: string;
  readonly hidePatient: boolean;
  /** Who accepts and retires models, as last given. */
  readonly user: string;
  /** How far the tour was gone through; see `tour.ts`. */
  readonly tour: string;
}

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  language: 'en',
  device: 'auto',
  window: 'series',
  smooth: true,
  wheel: 'down-next',
  leftDrag: 'window',
  middleDrag: 'pan',
  rightDrag: 'zoom',
  exportFolder: '',
  hidePatient: false,
  user: '',
  tour: '',
};

const CHOICES: { readonly [K in keyof Settings]?: readonly Settings[K][] } = {
  theme: THEMES,
  language: Object.keys(CATALOGUES),
  device: Object.keys(text.devices) as DeviceChoice[],
  window: WINDOWS,
  wheel: WHEELS,
  leftDrag: DRAGS,
  middleDrag: DRAGS,
  rightDrag: DRAGS,
};

/** Settings out of what was kept, by this or another version: what does not fit is as delivered. */
export function readSettings(kept: Readonly<Record<string, unknown>> | null): Settings {
  const entries = Object.entries(DEFAULT_SETTINGS).map(([name, delivered]) => {
    const value = kept?.[name];
    const choices = CHOICES[name as keyof Settings] as readonly unknown[] | undefined;
    const fits = typeof value === typeof delivered && (choices === undefined || choices.includes(value));
    return [name, fits ? value : delivered];
  });
  return Object.fromEntries(entries) as Settings;
}

const STORED_AS = 'tandem.settings';

/** As they were when this browser last had a window open: right at once, before the workstation answers. */
function mirrored(): Settings {
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(STORED_AS) ?? 'null');
    return readSettings(typeof stored === 'object' ? (stored as Record<string, unknown> | null) : null);
  } catch {
    return DEFAULT_SETTINGS;
  }
}

export const useSettings = create<Settings>()(mirrored);

/** Reads the workstation's settings and takes them on. A window in another language starts again. */
export async function loadSettings(): Promise<void> {
  const { settings } = await workstation().call('recall', {});
  takeOn(readSettings(settings));
}

/** Changes settings now and keeps them; `settingsUnkept` in the store where that fails. */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  takeOn({ ...useSettings.getState(), ...change });
  try {
    await workstation().call('remember', { key: 'settings', value: { ...useSettings.getState() } });
    setApp({ settingsUnkept: false });
  } catch {
    setApp({ settingsUnkept: true });
  }
}

function takeOn(settings: Settings): void {
  const before = useSettings.getState();
  useSettings.setState(settings, true);
  try {
    window.localStorage.setItem(STORED_AS, JSON.stringify(settings));
  } catch {
    // A blocked storage costs a moment in the wrong theme at the next start.
  }
  if (settings.device !== before.device || useApp.getState().device === 'auto')
    setApp({ device: settings.device });
  setView({ smooth: settings.smooth });
  if (settings.language !== chosenLanguage()) {
    keepLanguage(settings.language);
    window.location.reload();
  }
}
