// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { patientName, studyName } from '../../../src/renderer/components/names.ts';
import { colourScheme } from '../../../src/renderer/components/useColourScheme.ts';
import {
  changeSettings,
  DEFAULT_SETTINGS,
  loadSettings,
  readSettings,
  useSettings,
} from '../../../src/renderer/state/settings.ts';
import { setApp, useApp } from '../../../src/renderer/state/store.ts';
import { suggestedFolder } from '../../../src/renderer/state/suggestedFolder.ts';
import { useView } from '../../../src/renderer/state/view.ts';
import { SettingsSheet } from '../../../src/renderer/views/settings/SettingsSheet.tsx';
import { STUDY, show, useAnswers } from '../page.tsx';

describe('settings', () => {
  it('are as delivered where what was kept does not fit', () => {
    expect(readSettings(null)).toEqual(DEFAULT_SETTINGS);
    const odd = { theme: 'pink', hidePatient: 'yes', wheel: 'down-previous', exportFolder: 7, new: 1 };
    expect(readSettings(odd)).toEqual({ ...DEFAULT_SETTINGS, wheel: 'down-previous' });
  });

  it('come from the workstation and go back to it', async () => {
    let kept: Record<string, unknown> | null = { theme: 'light', smooth: false, device: 'cpu' };
    useAnswers({
      recall: async () => ({ session: null, view: null, settings: kept }),
      remember: async (request) => {
        if (request.key === 'settings') kept = request.value as Record<string, unknown>;
        return {};
      },
    });
    await loadSettings();
    expect(useSettings.getState()).toMatchObject({ theme: 'light', smooth: false, hidePatient: false });
    expect(useView.getState().smooth).toBe(false);
    expect(useApp.getState().device).toBe('cpu');
    await changeSettings({ hidePatient: true });
    expect(kept).toMatchObject({ theme: 'light', hidePatient: true });
    expect(useApp.getState().settingsUnkept).toBe(false);
  });

  it('hold for this window and say so where they cannot be kept', async () => {
    useAnswers({});
    setApp({ settingsOpen: true });
    show(<SettingsSheet />);
    fireEvent.change(await screen.findByLabelText('Theme'), { target: { value: 'light' } });
    expect(useSettings.getState().theme).toBe('light');
    await vi.waitFor(() => expect(screen.getByRole('status').textContent).toContain('could not be kept'));
  });

  it('hide who the patient is, and nothing else', () => {
    expect(studyName(STUDY)).toBe('DOE JANE · Head · 31 Jan 2024');
    useSettings.setState({ hidePatient: true });
    expect(studyName(STUDY)).not.toContain('DOE');
    expect(studyName(STUDY)).toContain('Head');
    expect(patientName({ patientName: '', patientId: '' })).toBe('');
    expect(patientName({ patientName: '', patientId: 'p1' })).not.toContain('p1');
  });

  it('put exports into the chosen folder, each in its own', () => {
    setApp({
      paths: ['/data/study'],
      studies: [STUDY],
      studyUid: STUDY.uid,
      targetUid: STUDY.series[0]?.uid ?? null,
    });
    expect(suggestedFolder(useApp.getState(), 'm')).toMatch(/^\/data\/study-enhanced.*-m$/);
    useSettings.setState({ exportFolder: '/out/' });
    expect(suggestedFolder(useApp.getState(), 'm')).toMatch(/^\/out\/study-enhanced.*-m$/);
  });

  it('choose the colours, or leave them to the system', () => {
    expect(colourScheme('light')).toBe('light');
    expect(colourScheme('system')).toBe('dark');
    const asked = vi.spyOn(window, 'matchMedia').mockReturnValue({ matches: true } as MediaQueryList);
    expect(colourScheme('system')).toBe('light');
    asked.mockRestore();
  });
});
