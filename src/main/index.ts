/** Electron's entry: one window over the workstation, nothing parsed or computed in this process. */
import { app, BrowserWindow } from 'electron';
import { DeskWorkstation } from './desk/deskWorkstation.ts';
import { VoxelShelf } from './shell/contractSession.ts';
import { DropShelf } from './shell/dropShelf.ts';
import { serveContract } from './shell/electronContract.ts';
import { startElectronHost } from './shell/electronHost.ts';
import { installMenu } from './shell/electronMenu.ts';
import { registerScheme, serveProtocol } from './shell/electronProtocol.ts';
import { denyPermissions, lockNavigation } from './shell/electronSecurity.ts';
import { askBeforeClosing, openWindow } from './shell/electronWindow.ts';

app.enableSandbox();
registerScheme();

// One workstation a user: a second start brings the first one's window to the front.
if (!app.requestSingleInstanceLock()) app.quit();
else void start();

async function start(): Promise<void> {
  lockNavigation();
  await app.whenReady();
  denyPermissions();
  const workstation = new DeskWorkstation(startElectronHost);
  const voxels = new VoxelShelf();
  const drops = new DropShelf();
  serveProtocol(voxels, drops);
  serveContract(workstation, voxels);
  installMenu();
  workstation.jobs.resume();
  const open = (): BrowserWindow => askBeforeClosing(openWindow(), () => workstation.jobs.isRunning);
  open();

  app.on('second-instance', () => {
    const window = BrowserWindow.getAllWindows()[0] ?? open();
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('window-all-closed', () => {
    if (process.platform === 'darwin') return;
    // Jobs go on without a window: the program ends with the last of them, or shows itself when started again.
    void workstation.jobs.idle().then(() => {
      if (BrowserWindow.getAllWindows().length === 0) app.quit();
    });
  });
  app.on('will-quit', () => {
    workstation.close();
    void drops.clear();
  });
}
