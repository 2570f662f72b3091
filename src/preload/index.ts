/** The one object the page sees of Electron: frozen, typed, without logic. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  contractChannel,
  pickFileChannel,
  pickFolderChannel,
  type TandemBridge,
} from '../core/contract/bridge.ts';

const bridge: TandemBridge = {
  shell: 'electron',
  send: (message) => ipcRenderer.send(contractChannel, message),
  onMessage: (listener) => {
    ipcRenderer.on(contractChannel, (_event, message: unknown) => listener(message));
  },
  pathOf: (file) => webUtils.getPathForFile(file as File),
  pickFolder: () => ipcRenderer.invoke(pickFolderChannel) as Promise<string | null>,
  pickFile: (kind) => ipcRenderer.invoke(pickFileChannel, kind) as Promise<string | null>,
};

contextBridge.exposeInMainWorld('tandem', Object.freeze(bridge));
