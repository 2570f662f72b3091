import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DeviceKind } from './devices.ts';
import { workerUrl } from './workerUrl.ts';

/** Whether a device works here, and how long the same convolutions take on it and on one core of the CPU. */
export type DeviceProbe =
  | { readonly works: true; readonly deviceMs: number; readonly cpuMs: number }
  | { readonly works: false; readonly reason: string };

const TIMEOUT_MS = 30_000;

/** Runs the probe's entry in a process of its own; rejects or never answers where that process dies. */
export type ProbeLauncher = (entry: string, device: DeviceKind, timeoutMs: number) => Promise<DeviceProbe>;

let otherLauncher: ProbeLauncher | undefined;

/** For hosts that cannot fork a Node process, as in Electron's package (RunAsNode is fused off). */
export function setProbeLauncher(launcher: ProbeLauncher): void {
  otherLauncher = launcher;
}

/**
 * Tries a device in a process of its own, because a bad driver or adapter can abort the process that opens
 * it. Never throws: whatever goes wrong is the reason why the device does not work.
 */
export function probeDevice(
  device: DeviceKind,
  options: { readonly entry?: URL; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<DeviceProbe> {
  const { entry = workerUrl('deviceProbe', import.meta.url), environment = process.env } = options;
  if (otherLauncher !== undefined) {
    return otherLauncher(fileURLToPath(entry), device, TIMEOUT_MS).catch((error: unknown) => ({
      works: false,
      reason: error instanceof Error ? error.message : String(error),
    }));
  }
  return new Promise((resolve) => {
    let output = '';
    const child = fork(fileURLToPath(entry), [device], {
      env: environment,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2000);
    });
    const fail = (reason: string) => resolve({ works: false, reason });
    child.on('message', (message) => resolve(message as DeviceProbe));
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => {
      const last = output.trim().split('\n').at(-1)?.trim();
      const how =
        signal === 'SIGKILL'
          ? 'it did not answer in time'
          : `its process ended with ${signal ?? `code ${code}`}`;
      fail(last ? `${how} (${last})` : how);
    });
  });
}
