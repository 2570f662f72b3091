import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as z from 'zod';
import { writeFileAtomically } from '../../export/atomic.ts';
import type { RunFolder } from './runFolder.ts';

const askedSchema = z.object({ action: z.enum(['pause', 'finish']) });
export type Asked = z.infer<typeof askedSchema>['action'];

const LOOK_EVERY_MS = 300;

/** What a run is asked to do, in a file: whoever works on it sees it, in whichever process. */
export function readAsked({ asked }: RunFolder): Asked | undefined {
  try {
    return askedSchema.safeParse(JSON.parse(readFileSync(asked, 'utf8'))).data?.action;
  } catch {
    return undefined;
  }
}

export function ask({ asked }: RunFolder, action: Asked): Promise<void> {
  return writeFileAtomically(asked, JSON.stringify({ action }));
}

/** Goes on: to stop and keep the best stays asked until it is done. */
export async function takeBackPause(folder: RunFolder): Promise<void> {
  if (readAsked(folder) === 'pause') await rm(folder.asked, { force: true });
}

/** Looks now and then what a run is asked to do. */
export class AskedWatch {
  readonly paused = new AbortController();
  private readonly timer: ReturnType<typeof setInterval>;
  private now: Asked | undefined;

  constructor(folder: RunFolder) {
    const look = () => {
      this.now = readAsked(folder);
      if (this.now === 'pause') this.paused.abort();
    };
    look();
    this.timer = setInterval(look, LOOK_EVERY_MS);
  }

  get finish(): boolean {
    return this.now === 'finish';
  }

  close(): void {
    clearInterval(this.timer);
  }
}
