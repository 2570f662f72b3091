import { utilityProcess } from 'electron';
import { hostEntry } from '../host/nodeHost.ts';
import type { FromHost, HostChannel } from '../host/protocol.ts';

/** Starts the compute host as Electron's utility process (RunAsNode is fused off in packages). */
export function startElectronHost(): HostChannel {
  const child = utilityProcess.fork(hostEntry(), [], {
    serviceName: 'Tandem MR compute host',
    stdio: 'inherit',
  });
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', (message: FromHost) => listener(message)),
    onExit: (listener) => child.on('exit', (code) => listener(`exit code ${code}`)),
    kill: () => child.kill(),
  };
}
