import { activeCell } from '../state/cells.ts';
import { useApp } from '../state/store.ts';
import { useView } from '../state/view.ts';
import { text } from '../text.ts';
import { capture } from '../viewer/capture.ts';
import type { Command } from './command.ts';

const hasImages = (): boolean => useApp.getState().targetUid !== null;

async function copyPicture(what: 'all' | 'cell'): Promise<void> {
  const cell = activeCell(useApp.getState(), useView.getState())?.id ?? 'all';
  const { showLabels } = useView.getState();
  // The clipboard is asked within the key press; the picture follows.
  const picture = capture(what === 'all' ? 'all' : cell, { overlays: showLabels });
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
}

const copying = (what: 'all' | 'cell', title: string, key: string): Command => ({
  id: `picture.${what}`,
  title,
  group: 'images',
  keys: [key],
  when: () => hasImages() && useApp.getState().task !== 'align',
  run: () => void copyPicture(what),
});

/** Pictures of what the viewer shows, for the clipboard: with labels where they are shown. */
export const pictureCommands: readonly Command[] = [
  copying('cell', text.review.copyCell, 'Mod+c'),
  copying('all', text.review.copyAll, 'Mod+Shift+c'),
];
