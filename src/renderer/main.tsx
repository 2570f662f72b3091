import '@mantine/core/styles.css';
import './styles/theme.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/viewer.css';
import './styles/exchange.css';
import { MantineProvider } from '@mantine/core';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { followAddress, startSession } from './state/start.ts';
import { theme } from './theme.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element');

// A drop that misses its place must not make the browser leave the page.
for (const name of ['dragover', 'drop'] as const) {
  window.addEventListener(name, (event) => event.preventDefault());
}

createRoot(root).render(
  <MantineProvider theme={theme} forceColorScheme="dark" withCssVariables={false} withGlobalClasses={false}>
    <ErrorBoundary>
      <App />
    </ErrorBoundary>
  </MantineProvider>,
);
followAddress();
void startSession();
// The viewer's code is large: it is read while the user chooses a study, not after.
window.requestIdleCallback(() => void import('./viewer/Viewer.tsx'));
