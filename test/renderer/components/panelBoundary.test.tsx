// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PanelBoundary } from '../../../src/renderer/components/PanelBoundary.tsx';
import { show } from '../page.tsx';

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

let isBroken = true;
function Fragile(): ReactNode {
  if (isBroken) throw new Error('a voxel too far');
  return <p>whole again</p>;
}

it('one broken part says so and can be tried again; the rest goes on', () => {
  isBroken = true;
  const pressed = vi.fn();
  show(
    <>
      <PanelBoundary name="Measurements">
        <Fragile />
      </PanelBoundary>
      <PanelBoundary name="Images">
        <button type="button" onClick={pressed}>
          next slice
        </button>
      </PanelBoundary>
    </>,
  );
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain('Measurements: this part of the window has met an error');
  expect(alert.textContent).toContain('a voxel too far');
  fireEvent.click(screen.getByRole('button', { name: 'next slice' }));
  expect(pressed).toHaveBeenCalledTimes(1);

  fireEvent.click(screen.getByRole('button', { name: 'Try again: Measurements' }));
  expect(screen.getByRole('alert')).toBeTruthy();
  isBroken = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again: Measurements' }));
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByText('whole again')).toBeTruthy();
});
