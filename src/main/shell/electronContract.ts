import {
  BrowserWindow,
  dialog,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  type WebContents,
} from 'electron';
import { contractChannel, pickFileChannel, pickFolderChannel } from '../../core/contract/bridge.ts';
import { FILE_ENDINGS, type FileKind, fileKind } from '../../core/contract/fileKinds.ts';
import type { Workstation } from '../../core/contract/workstation.ts';
import { formatError, toErrorData } from '../../core/errors.ts';
import { ContractSession, type VoxelShelf } from './contractSession.ts';
import { isAppUrl } from './electronSecurity.ts';

/**
 * Speaks the contract with every window of the app, one session a page; strangers are not answered. What
 * is not of the contract is dropped: a page must not end the process that all windows share.
 */
export function serveContract(workstation: Workstation, voxels: VoxelShelf): void {
  const sessions = new Map<number, ContractSession>();
  const known = new WeakSet<WebContents>();

  /** A page's jobs end with it: with its window, and with a reload. */
  const watch = (sender: WebContents): void => {
    if (known.has(sender)) return;
    known.add(sender);
    const { id } = sender;
    const end = () => {
      sessions.get(id)?.close();
      sessions.delete(id);
    };
    sender.once('destroyed', end);
    sender.on('render-process-gone', end);
    sender.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) end();
    });
  };

  ipcMain.on(contractChannel, (event, message: unknown) => {
    if (!fromOwnTopFrame(event)) return;
    const { sender } = event;
    watch(sender);
    let session = sessions.get(sender.id);
    if (!session) {
      session = new ContractSession(workstation, voxels, (answer) => {
        if (!sender.isDestroyed()) sender.send(contractChannel, answer);
      });
      sessions.set(sender.id, session);
    }
    try {
      session.receive(message);
    } catch (error) {
      console.error(formatError(toErrorData(error)));
    }
  });

  ipcMain.handle(pickFolderChannel, async (event) => {
    if (!fromOwnTopFrame(event)) return null;
    const window = BrowserWindow.fromWebContents(event.sender);
    if (!window) return null;
    const answer = await dialog.showOpenDialog(window, { properties: ['openDirectory', 'createDirectory'] });
    return answer.canceled ? null : (answer.filePaths[0] ?? null);
  });

  ipcMain.handle(pickFileChannel, async (event, asked: unknown) => {
    const kind = fileKind.safeParse(asked);
    if (!fromOwnTopFrame(event) || !kind.success) return null;
    const window = BrowserWindow.fromWebContents(event.sender);
    if (!window) return null;
    const answer = await dialog.showOpenDialog(window, {
      properties: ['openFile'],
      filters: filtersOf(kind.data),
    });
    return answer.canceled ? null : (answer.filePaths[0] ?? null);
  });
}

/** What the dialog lists at first, and everything: a DICOM file may be called anything. */
function filtersOf(kind: FileKind): Electron.FileFilter[] {
  const endings = FILE_ENDINGS[kind]?.filter((ending) => ending !== '') ?? [];
  const all = { name: 'All files', extensions: ['*'] };
  // Systems match what stands after the last dot.
  const extensions = [...new Set(endings.map((ending) => ending.split('.').at(-1)!))];
  if (extensions.length === 0) return [all];
  const named = { name: extensions.map((ending) => `*.${ending}`).join(', '), extensions };
  return FILE_ENDINGS[kind]?.includes('') === true ? [all, named] : [named, all];
}

/** Checklist item 17: only the app's own page, in its top frame, is listened to. */
function fromOwnTopFrame(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame.parent === null && isAppUrl(frame.url);
}
