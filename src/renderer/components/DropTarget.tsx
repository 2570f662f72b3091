import { HardDriveDownload } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../state/store.ts';
import { openDrop } from '../state/studyActions.ts';
import { text } from '../text.ts';

/** Folders and files can be dropped anywhere on the window. */
export function DropTarget(): ReactNode {
  const [over, setOver] = useState(false);
  const ready = useApp((state) => state.connection === 'ready');
  useEffect(() => {
    if (!ready) return;
    // Children enter and leave too: only the count says whether the pointer is still inside.
    let depth = 0;
    const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const enter = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      depth = 0;
      setOver(false);
      if (event.dataTransfer !== null && holdsFiles(event)) void openDrop(event.dataTransfer);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [ready]);
  if (!over) return null;
  return (
    <div className="drop-cover" aria-hidden>
      <HardDriveDownload size={36} />
      <span>{text.open.dropNow}</span>
    </div>
  );
}
