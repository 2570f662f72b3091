// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { useSettings } from '../../../src/renderer/state/settings.ts';
import { CaseTable, LeftOut } from '../../../src/renderer/views/finetune/CaseTable.tsx';
import { show } from '../page.tsx';

const dicom = {
  ...{ name: 'study-0123456789ab', patient: 'patient-0123456789ab', path: '/scans/DOE_1' },
  ...{ side: undefined, slices: 20, registration: null, notes: [] },
};
const nifti = { ...dicom, name: 'p1', patient: 'p1', path: '/cases/p1' };
const leftOut = { name: 'study-ba9876543210', path: '/scans/DOE_2', reason: 'The t1 is constant' };

afterEach(() => useSettings.setState({ hidePatient: false }));

describe('the cases of a fine-tuning', () => {
  it('say where they are, where their names do not', () => {
    show(
      <>
        <CaseTable cases={[dicom, nifti]} />
        <LeftOut leftOut={[leftOut]} />
      </>,
    );
    expect(screen.getByText('/scans/DOE_1')).toBeTruthy();
    expect(screen.getByText('/scans/DOE_2')).toBeTruthy();
    expect(screen.queryByText('/cases/p1')).toBeNull();
  });

  it('keep folders to themselves while patients are hidden', () => {
    useSettings.setState({ hidePatient: true });
    show(
      <>
        <CaseTable cases={[dicom]} />
        <LeftOut leftOut={[leftOut]} />
      </>,
    );
    expect(screen.getByText(/study-ba9876543210/)).toBeTruthy();
    expect(screen.queryByText(/DOE/)).toBeNull();
  });
});
