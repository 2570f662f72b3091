import { create } from 'zustand';
import { hasUnsavedCorrections, useContours } from './contours.ts';

/** A question that is open: whether corrections that were written nowhere may be lost. */
export const useUnsaved = create<{ readonly answer: ((lose: boolean) => void) | null }>()(() => ({
  answer: null,
}));

/** Whether what is to come may take away what the reader corrected: asks where something would be lost. */
export async function mayLoseCorrections(): Promise<boolean> {
  if (!hasUnsavedCorrections(useContours.getState())) return true;
  useUnsaved.getState().answer?.(false);
  return new Promise((resolve) => {
    useUnsaved.setState({
      answer: (lose) => {
        useUnsaved.setState({ answer: null });
        resolve(lose);
      },
    });
  });
}

/** Does something that takes away what the reader corrected: at once where nothing is lost, else once the reader says so. */
export function unlessCorrected(act: () => void): void {
  if (!hasUnsavedCorrections(useContours.getState())) {
    act();
    return;
  }
  void mayLoseCorrections().then((lose) => {
    if (lose) act();
  });
}
