import { join } from 'node:path';
import { BrowserWindow, dialog } from 'electron';
import { appOrigin } from './electronProtocol.ts';

/** Opens the workstation's window: sandboxed, isolated, without Node. */
export function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1600,
    height: 1000,
    minWidth: 640,
    minHeight: 400,
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

/** Says, before the window is closed, that jobs go on without it; the user may keep it. */
export function askBeforeClosing(window: BrowserWindow, isBusy: () => boolean): BrowserWindow {
  window.on('close', (event) => {
    if (!isBusy()) return;
    const answer = dialog.showMessageBoxSync(window, {
      type: 'info',
      message: 'A job is running',
      detail:
        'It goes on without the window, and the results are stored. Tandem MR ends when the last job has ended; ' +
        'start it again to see how they went.',
      buttons: ['Close the window', 'Keep it open'],
      defaultId: 0,
      cancelId: 1,
    });
    if (answer === 1) event.preventDefault();
  });
  return window;
}
