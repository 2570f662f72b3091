import { useSyncExternalStore } from 'react';
import { useSettings } from '../state/settings.ts';

export type ColourScheme = 'dark' | 'light';

const prefersLight = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: light)');

/** The scheme of a theme now; a window is dark where the system does not say. */
export function colourScheme(theme: 'system' | ColourScheme): ColourScheme {
  if (theme !== 'system') return theme;
  return prefersLight().matches ? 'light' : 'dark';
}

/** The scheme of the window, following the settings and the system. */
export function useColourScheme(): ColourScheme {
  const theme = useSettings((settings) => settings.theme);
  return useSyncExternalStore(
    (changed) => {
      const query = prefersLight();
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => colourScheme(theme),
  );
}
