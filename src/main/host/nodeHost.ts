import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerUrl } from '../runtime/workerUrl.ts';
import { removeUnpackedOf } from '../studies/unpackedFolders.ts';
import type { FromHost, HostChannel, HostPlace } from './protocol.ts';

/** The entry of the compute host: the source under Node, its bundle beside the bundled caller. */
export function hostEntry(): string {
  return fileURLToPath(workerUrl('hostProcess', import.meta.url));
}

/** Starts a compute host as a child process of plain Node. */
export function startNodeHost(place: HostPlace = 'foreground'): HostChannel {
  const child = fork(hostEntry(), [place], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  child.on('exit', () => removeUnpackedOf(child.pid));
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message);
    },
    onMessage: (listener) => child.on('message', (message) => listener(message as FromHost)),
    onExit: (listener) => {
      child.on('error', (error) => listener(error.message));
      child.on('exit', (code, signal) => listener(signal ? `signal ${signal}` : `exit code ${code}`));
    },
    kill: () => {
      child.kill('SIGKILL');
      // Whoever kills it may end before it hears that it is gone.
      removeUnpackedOf(child.pid);
    },
  };
}
