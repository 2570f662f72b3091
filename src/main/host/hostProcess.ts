/**
 * The compute host: a process of its own that reads untrusted files and does all computing. Entry of a
 * `child_process.fork` under Node and of a `utilityProcess` under Electron.
 */
import type { DeviceKind } from '../runtime/devices.ts';
import { type DeviceProbe, setProbeLauncher } from '../runtime/probe.ts';
import { removeUnpackedOf } from '../studies/unpackedFolders.ts';
import { exclusiveOperations, handlers } from './handlers.ts';
import { JobRunner } from './jobRunner.ts';
import { lowerPriority } from './priority.ts';
import type { FromHost, HostPlace, ToHost } from './protocol.ts';

interface ElectronParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

// Before any thread is started: on Linux a thread has the priority of the one that starts it.
if (process.argv.includes('background' satisfies HostPlace)) lowerPriority();

const parentPort = (process as { parentPort?: ElectronParentPort }).parentPort;

function send(message: FromHost): void {
  if (parentPort) parentPort.postMessage(message);
  else if (process.connected) process.send?.(message);
}

const runner = new JobRunner(handlers, exclusiveOperations, send);

if (parentPort) {
  const asked = new Map<DeviceKind, PromiseWithResolvers<DeviceProbe>>();
  setProbeLauncher((entry, device, timeoutMs) => {
    const answer = Promise.withResolvers<DeviceProbe>();
    asked.set(device, answer);
    send({ type: 'probe-device', device, entry, timeoutMs });
    return answer.promise;
  });
  parentPort.on('message', (event) => {
    const message = event.data as ToHost;
    if (message.type === 'device-probe') asked.get(message.device)?.resolve(message.probe);
    else runner.receive(message);
  });
} else {
  process.on('message', (message) => runner.receive(message as ToHost));
  // Without its parent nobody waits for the result: a half-done export removes itself at the next one.
  // Killed, not ended: an orderly end would stop threads inside onnxruntime, which aborts (see workerPool.ts).
  process.on('disconnect', () => {
    removeUnpackedOf(process.pid);
    process.kill(process.pid, 'SIGKILL');
  });
}
// A terminal's Ctrl-C reaches the whole group; the parent decides what is cancelled.
process.on('SIGINT', () => {});
