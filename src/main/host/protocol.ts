import type { ErrorData } from '../../core/errors.ts';
import type { Progress } from '../../core/job.ts';
import type { HostOperation } from '../desk/deskOperations.ts';
import type { DeviceKind } from '../runtime/devices.ts';
import type { DeviceProbe } from '../runtime/probe.ts';

/** What the main process says to the compute host. */
export type ToHost =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly name: HostOperation;
      /** Already checked against the operation's schema. */
      readonly request: unknown;
    }
  | { readonly type: 'cancel'; readonly id: number }
  /** Answer to `probe-device`. */
  | { readonly type: 'device-probe'; readonly device: DeviceKind; readonly probe: DeviceProbe };

/** What the compute host says back. */
export type FromHost =
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
  /** Only under Electron: the host cannot start processes there, the main process can. */
  | {
      readonly type: 'probe-device';
      readonly device: DeviceKind;
      readonly entry: string;
      readonly timeoutMs: number;
    };

/** `background`: for work of hours, at the lowest priority that the system has for processes. */
export type HostPlace = 'foreground' | 'background';

/** One end of the channel between main and host, whatever carries it. */
export interface HostChannel {
  /** Process id, where the channel leads to a process that runs. */
  readonly pid?: number | undefined;
  send(message: ToHost): void;
  onMessage(listener: (message: FromHost) => void): void;
  /** The host is gone: crashed, killed or ended. */
  onExit(listener: (description: string) => void): void;
  kill(): void;
}
