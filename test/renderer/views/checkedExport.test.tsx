// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReportedFinding, ValidationReport } from '../../../src/core/contract/validating.ts';
import { useApp } from '../../../src/renderer/state/store.ts';
import { ExportView } from '../../../src/renderer/views/export/ExportView.tsx';
import { ENHANCED, show, T1, T2, useAnswers } from '../page.tsx';

const CLEAN: ValidationReport = {
  files: 55,
  series: 1,
  errors: 0,
  warnings: 0,
  findings: [],
  dciodvfy: null,
};
const MISSING: ReportedFinding = {
  severity: 'error',
  code: 'missing',
  tag: '(0010,0010)',
  message: 'Patient Name is missing (type 2)',
  file: '/out/1.dcm',
  files: 55,
  ofSource: false,
};
const GAP: ReportedFinding = { ...MISSING, severity: 'warning', code: 'gap', message: 'A gap', files: 1 };

let calls: ReturnType<typeof useAnswers>['calls'];
const stores = () => calls.filter(({ name }) => name === 'pacsStore');

function showExported(validation: ValidationReport | null): void {
  const files = ['/out/1.dcm'];
  useApp.setState({
    enhanced: { result: ENHANCED, scale: 2, targetUid: T2.uid, referenceUid: T1.uid },
    exported: { output: { ...ENHANCED.output, files, folder: '/out' }, clipped: 0, validation, seconds: 1 },
    sendTo: 'PACS',
  });
  show(<ExportView />);
}

beforeEach(() => {
  ({ calls } = useAnswers({
    pacsDestinations: async () => ({
      destinations: [
        {
          kind: 'dimse',
          name: 'PACS',
          host: 'localhost',
          port: 104,
          calledAeTitle: 'PACS',
          callingAeTitle: 'TANDEM',
          timeoutSeconds: 30,
        },
      ],
      file: '',
      receivedFolder: '/received',
    }),
    pacsStore: async () => ({
      destination: 'PACS',
      stored: 1,
      alreadyThere: 0,
      warnings: [],
      failed: [],
      refused: [],
      attempts: 1,
      bytes: 1,
      seconds: 1,
    }),
  }));
});

describe('the check of an export', () => {
  it('says that nothing was found, and sending needs one click', async () => {
    showExported({ ...CLEAN, dciodvfy: { errors: [], files: 8, unanswered: 0 } });
    expect(screen.getByText('55 files checked: no errors')).toBeTruthy();
    expect(screen.getByText('dciodvfy, on 8 files: no errors.')).toBeTruthy();
    fireEvent.click(await screen.findByRole('button', { name: 'Send' }));
    await waitFor(() => expect(stores()).toHaveLength(1));
  });

  it('says what it found in words, errors first, and asks once more before sending', async () => {
    showExported({ ...CLEAN, errors: 1, warnings: 1, findings: [GAP, MISSING] });
    expect(screen.getByText(/The check found 1 error/).textContent).toContain('1 remark');
    const shown = [...document.querySelectorAll('li[data-code]')];
    expect(shown.map((li) => li.getAttribute('data-code'))).toEqual(['missing', 'gap']);
    expect(shown[0]!.textContent).toBe('Patient Name is missing (type 2) (0010,0010) (in 55 files)');
    expect(screen.getByText(/dciodvfy is not installed/)).toBeTruthy();

    fireEvent.click(await screen.findByRole('button', { name: 'Send' }));
    expect(stores()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Do not send' }));
    expect(stores()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    fireEvent.click(screen.getByRole('button', { name: 'Send it all the same' }));
    await waitFor(() => expect(stores()).toHaveLength(1));
  });

  it('asks as well where dciodvfy alone found an error, and not for what the source has itself', async () => {
    const judged = { message: 'Missing attribute', file: '/out/1.dcm', files: 2, ofSource: false };
    showExported({ ...CLEAN, dciodvfy: { errors: [judged], files: 8, unanswered: 1 } });
    expect(screen.getByText('dciodvfy, on 8 files: 1 error, no answer about 1 file.')).toBeTruthy();
    fireEvent.click(await screen.findByRole('button', { name: 'Send' }));
    expect(screen.getByRole('alertdialog')).toBeTruthy();
    expect(stores()).toEqual([]);
  });

  it('does not ask for what the source has itself', async () => {
    const judged = { message: 'Missing attribute', file: '/out/1.dcm', files: 2, ofSource: true };
    showExported({
      ...CLEAN,
      findings: [{ ...MISSING, ofSource: true }],
      dciodvfy: { errors: [judged], files: 8, unanswered: 0 },
    });
    expect(screen.getByText('55 files checked: no errors')).toBeTruthy();
    expect(screen.getByText('1 finding the source series has as well.')).toBeTruthy();
    fireEvent.click(await screen.findByRole('button', { name: 'Send' }));
    await waitFor(() => expect(stores()).toHaveLength(1));
  });

  it('says nothing of NIfTI', () => {
    showExported(null);
    expect(screen.queryByText('Check before sending')).toBeNull();
  });
});
