// @vitest-environment jsdom
import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { LibraryStudy } from '../../../src/core/contract/library.ts';
import { INITIAL_TUNING, setTuning, useTuning } from '../../../src/renderer/state/finetuneStore.ts';
import { useSettings } from '../../../src/renderer/state/settings.ts';
import { Sources } from '../../../src/renderer/views/finetune/Sources.tsx';
import { show, T1, T2, useAnswers } from '../page.tsx';

afterEach(() => setTuning(INITIAL_TUNING));

const study = (uid: string, patientName: string, format: 'dicom' | 'nifti'): LibraryStudy => ({
  ...{ uid, patientName, patientId: '', description: 'Head', date: '20260102' },
  ...{ addedAtMs: 0, openedAtMs: 0, paths: ['/shared'], missingPaths: [], isCopy: false, enhancements: [] },
  series: [T1, T2].map((one) => ({ ...one, format, contrast: one.contrast.name, missing: false })),
});

const holding = (studies: readonly LibraryStudy[]) => ({
  librarySearch: async () => ({
    ...{ total: studies.length, all: studies.length, studies: [...studies], setAside: null },
    storage: { usedBytes: 0, limitBytes: 1 },
  }),
});

async function openLibrary(): Promise<void> {
  show(<Sources disabled={false} />);
  const details = screen.getByText('Studies of the library').closest('details')!;
  details.open = true;
  await act(async () => fireEvent(details, new Event('toggle')));
}

const add = (name: RegExp) => fireEvent.click(screen.getByRole('button', { name }));
const folders = () => useTuning.getState().draft.folders;

describe('studies of the library to learn from', () => {
  it('are asked for by themselves and told by their names, not by their folders, which may hold others', async () => {
    useAnswers(holding([study('1.2.3', 'DOE^JANE', 'dicom'), study('nifti', 'ROE^JIM', 'nifti')]));
    await openLibrary();
    add(/^Add DOE/);
    expect(folders()).toEqual(['study:1.2.3']);
    expect(screen.getByRole('button', { name: /^Leave out DOE/ })).toBeTruthy();
    expect(screen.getByRole('button', { name: /^Add DOE/ })).toHaveProperty('disabled', true);
    add(/^Add ROE/);
    expect(folders()).toEqual(['study:1.2.3', '/shared']);
    act(() => useSettings.setState({ hidePatient: true }));
    expect(screen.queryByText(/DOE/)).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Leave out study:1.2.3' }));
    expect(folders()).toEqual(['/shared']);
  });
});
