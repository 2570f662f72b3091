import { useEffect } from 'react';
import { setShowOriginal } from '../state/viewActions.ts';

const KEY = 'KeyO';
/** A key that is down for longer is held: the enhanced image comes back when it is let go. */
const HELD_MS = 300;

/** The command of the key shows the original; this takes it back where the key was held. */
export function useHeldOriginal(): void {
  useEffect(() => {
    let since: number | undefined;
    const onDown = (event: KeyboardEvent): void => {
      if (event.code === KEY && !event.repeat) since = event.timeStamp;
    };
    const onUp = (event: KeyboardEvent): void => {
      if (event.code !== KEY || since === undefined) return;
      if (event.timeStamp - since > HELD_MS) setShowOriginal(false);
      since = undefined;
    };
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
    };
  }, []);
}
