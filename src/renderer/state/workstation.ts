import type { TandemBridge } from '../../core/contract/bridge.ts';
import type { FileKind } from '../../core/contract/fileKinds.ts';
import type { CallOptions, Workstation } from '../../core/contract/workstation.ts';
import { TandemError } from '../../core/errors.ts';
import { bridgeChannel } from './transport/bridge.ts';
import type { ConnectionStatus } from './transport/channel.ts';
import { contractClient } from './transport/contractClient.ts';
import { takeCredential } from './transport/credential.ts';
import { droppedFiles, uploadDrop } from './transport/drop.ts';
import { type Credential, socketChannel } from './transport/socket.ts';
import { bytesFetcher } from './transport/voxels.ts';

/** The workstation as the window sees it: the contract, and what only a window needs. */
export interface WindowWorkstation extends Workstation {
  readonly shell: 'electron' | 'browser';
  /** Calls `listener` now and at every change; returns how to stop. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  reconnect(): void;
  /** The system's folder dialog, where the shell has one. */
  readonly pickFolder: (() => Promise<string | null>) | undefined;
  /** The system's file dialog, where the shell has one. */
  readonly pickFile: ((kind: FileKind) => Promise<string | null>) | undefined;
  /**
   * The paths, on the workstation's machine, of what was dropped on the window. Call it within the drop
   * event. In a browser the files are handed over first.
   */
  acceptDrop(data: DataTransfer, options: CallOptions): Promise<string[]>;
  /** Hands files that the window made over; returns the temporary folder of the workstation's that holds them. */
  handOver(files: readonly File[]): Promise<string>;
}

/** The one seam between the pages and the workstation. Throws `usage` when the page has no token. */
export async function connect(): Promise<WindowWorkstation> {
  const bridge = window.tandem;
  if (bridge !== undefined) return electronWorkstation(bridge);
  const credential = takeCredential(window.location, window.history, window.sessionStorage);
  if (credential === undefined) {
    throw new TandemError('usage', 'This page was opened without its access token', {
      hint: 'Open the full address that “tandem serve” printed, with everything after the #.',
    });
  }
  return browserWorkstation(credential);
}

function electronWorkstation(bridge: TandemBridge): WindowWorkstation {
  const channel = bridgeChannel(bridge);
  return {
    ...contractClient(
      channel,
      bytesFetcher(() => undefined),
    ),
    shell: 'electron',
    onStatus: channel.onStatus,
    reconnect: channel.reconnect,
    pickFolder: () => bridge.pickFolder(),
    pickFile: (kind) => bridge.pickFile(kind),
    acceptDrop: async (data) =>
      [...data.files].map((file) => bridge.pathOf(file)).filter((path) => path !== ''),
    // Its own address needs no token.
    handOver: (files) => uploadMade(files, ''),
  };
}

function browserWorkstation(credential: Credential): WindowWorkstation {
  const url = new URL('/contract', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  const channel = socketChannel(url.href, credential);
  return {
    ...contractClient(channel, bytesFetcher(credential.get)),
    shell: 'browser',
    onStatus: channel.onStatus,
    reconnect: channel.reconnect,
    pickFolder: undefined,
    pickFile: undefined,
    acceptDrop: async (data, options) => {
      const files = await droppedFiles(data);
      const signal = options.signal ?? new AbortController().signal;
      const report = (done: number, total: number): void =>
        options.onProgress?.({ stage: 'copying', done, total });
      return [await uploadDrop(files, credential.get(), report, signal)];
    },
    handOver: (files) => uploadMade(files, credential.get()),
  };
}

function uploadMade(files: readonly File[], token: string): Promise<string> {
  const named = files.map((file) => ({ file, relativePath: file.name }));
  return uploadDrop(named, token, () => {}, new AbortController().signal);
}
