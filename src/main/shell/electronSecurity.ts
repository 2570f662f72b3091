import { app, session } from 'electron';
import { appOrigin } from './electronProtocol.ts';

/** Electron's security checklist, items 5, 11–15: no permission, no navigation, no new window, no webview. */
export function denyPermissions(): void {
  const all = session.defaultSession;
  all.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  all.setPermissionCheckHandler(() => false);
  all.setDevicePermissionHandler(() => false);
}

export function lockNavigation(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => {
      if (!isAppUrl(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
  });
}

/** Whether an address is one of the app's own pages. */
export function isAppUrl(url: string): boolean {
  return url === appOrigin || url.startsWith(`${appOrigin}/`);
}
