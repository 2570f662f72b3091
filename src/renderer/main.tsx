import './strictPolicy.ts';
import '@mantine/core/styles.css';
import './styles/theme.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/review.css';
import './styles/viewer.css';
import './styles/align.css';
import './styles/contours.css';
import './styles/library.css';
import './styles/exchange.css';
import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { colourScheme, useColourScheme } from './components/useColourScheme.ts';
import { warnBeforeLeaving } from './state/leaving.ts';
import { useSettings } from './state/settings.ts';
import { followAddress, startSession } from './state/start.ts';
import { watchWindowErrors } from './state/windowErrors.ts';
import { text } from './text.ts';
import { theme } from './theme.ts';
import { viewerView } from './viewer/viewerViews.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element');

// A drop that misses its place must not make the browser leave the page.
for (const name of ['dragover', 'drop'] as const) {
  window.addEventListener(name, (event) => event.preventDefault());
}

// Before anything is drawn: no flash of the other theme.
document.documentElement.dataset.mantineColorScheme = colourScheme(useSettings.getState().theme);
document.documentElement.lang = text.locale;

function Window(): ReactNode {
  const scheme = useColourScheme();
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={scheme}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </MantineProvider>
  );
}

watchWindowErrors();
warnBeforeLeaving();
createRoot(root).render(<Window />);
followAddress();
void startSession();
// The viewer's code is large: it is read while the user chooses a study, not after.
window.requestIdleCallback(() => void viewerView.fetch().catch(() => {}));
