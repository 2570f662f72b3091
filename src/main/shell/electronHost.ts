import { utilityProcess } from 'electron';
import { hostEntry } from '../host/nodeHost.ts';
import type { FromHost, HostChannel, HostPlace } from '../host/protocol.ts';
import type { DeviceKind } from '../runtime/devices.ts';
import type { DeviceProbe } from '../runtime/probe.ts';
import { removeUnpackedOf } from '../studies/unpackedFolders.ts';

/** Starts a compute host as Electron's utility process (RunAsNode is fused off in packages). */
export function startElectronHost(place: HostPlace = 'foreground'): HostChannel {
  const child = utilityProcess.fork(hostEntry(), [place], {
    serviceName: place === 'background' ? 'Tandem MR fine-tuning' : 'Tandem MR compute host',
    stdio: 'inherit',
  });
  child.on('message', (message: FromHost) => {
    if (message.type !== 'probe-device') return;
    const { device, entry, timeoutMs } = message;
    void runProbe(entry, device, timeoutMs).then((probe) =>
      child.postMessage({ type: 'device-probe', device, probe }),
    );
  });
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', (message: FromHost) => listener(message)),
    onExit: (listener) => child.on('exit', (code) => listener(`exit code ${code}`)),
    kill: () => {
      const { pid } = child;
      child.kill();
      removeUnpackedOf(pid);
    },
  };
}

/** A bad graphics driver can end the process that opens it: a device is tried in one that may die. */
function runProbe(entry: string, device: DeviceKind, timeoutMs: number): Promise<DeviceProbe> {
  return new Promise((resolve) => {
    const child = utilityProcess.fork(entry, [device], { serviceName: 'Tandem MR graphics probe' });
    const fail = (reason: string) => resolve({ works: false, reason });
    const timer = setTimeout(() => {
      fail('it did not answer in time');
      child.kill();
    }, timeoutMs);
    child.on('message', (probe: DeviceProbe) => {
      resolve(probe);
      child.kill();
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      fail(`its process ended with code ${code}`);
    });
  });
}
