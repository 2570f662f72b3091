import { join } from 'node:path';
import { BrowserWindow } from 'electron';
import { appOrigin } from './electronProtocol.ts';

/** Opens the workstation's window: sandboxed, isolated, without Node. */
export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1600,
    height: 1000,
    minWidth: 1024,
    minHeight: 700,
    show: false,
    backgroundColor: '#101113',
    title: 'Tandem MR: research use only, not for diagnosis',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  // The window's name says what it is; a page must not change it to a patient's.
  window.on('page-title-updated', (event) => event.preventDefault());
  void window.loadURL(`${appOrigin}/`);
  return window;
}
