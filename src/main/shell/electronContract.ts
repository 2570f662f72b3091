import { BrowserWindow, dialog, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain } from 'electron';
import type { Workstation } from '../../core/contract/workstation.ts';
import { ContractSession, type VoxelShelf } from './contractSession.ts';
import { isAppUrl } from './electronSecurity.ts';

/** Channels between a window's preload and this process. */
export const contractChannel = 'tandem:contract';
export const pickFolderChannel = 'tandem:pick-folder';

/** Speaks the contract with every window of the app, one session each; strangers are not answered. */
export function serveContract(workstation: Workstation, voxels: VoxelShelf): void {
  const sessions = new Map<number, ContractSession>();

  ipcMain.on(contractChannel, (event, message: unknown) => {
    if (!fromOwnTopFrame(event)) return;
    const { sender } = event;
    let session = sessions.get(sender.id);
    if (!session) {
      session = new ContractSession(workstation, voxels, (answer) => {
        if (!sender.isDestroyed()) sender.send(contractChannel, answer);
      });
      sessions.set(sender.id, session);
      const end = () => {
        sessions.get(sender.id)?.close();
        sessions.delete(sender.id);
      };
      sender.once('destroyed', end);
      sender.once('did-start-navigation', end);
    }
    session.receive(message);
  });

  ipcMain.handle(pickFolderChannel, async (event) => {
    if (!fromOwnTopFrame(event)) return null;
    const window = BrowserWindow.fromWebContents(event.sender);
    if (!window) return null;
    const answer = await dialog.showOpenDialog(window, { properties: ['openDirectory', 'createDirectory'] });
    return answer.canceled ? null : (answer.filePaths[0] ?? null);
  });
}

/** Checklist item 17: only the app's own page, in its top frame, is listened to. */
function fromOwnTopFrame(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && isAppUrl(frame.url);
}
