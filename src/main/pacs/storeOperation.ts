import type { NotDone } from '../../core/contract/pacs.ts';
import { TandemError } from '../../core/errors.ts';
import type { JobContext } from '../../core/job.ts';
import { instancesEvidence } from '../audit/seriesEvidence.ts';
import type { Handler } from '../host/handler.ts';
import { resolvePeer } from './destinations.ts';
import { SendLedger } from './ledger.ts';
import { dataSetDigest, findInstances, type OutgoingInstance } from './outgoing.ts';
import { peerEvidence } from './peerEvidence.ts';
import { withRetries } from './retry.ts';
import { type SendEvents, type Sender, senderTo } from './sender.ts';

/**
 * Sends instances to a destination, each exactly once: what an attempt that broke had sent, or may have, is
 * looked for on the other side before anything goes again. Repeats while that helps.
 */
export const storeOperation: Handler<'pacsStore'> = async (request, job) => {
  const begun = performance.now();
  const peer = await resolvePeer(request.peer);
  job.evidence?.({ settings: peerEvidence(peer) });
  const { instances, refused } = await findInstances(request.paths, job);
  const { unique, copies, surplus } = await uniqueInstances(instances);
  if (unique.length === 0) {
    throw new TandemError('nothing-readable', 'There is no DICOM object to send', {
      path: request.paths[0],
      hint:
        refused[0] === undefined
          ? 'Name DICOM files, or folders of them.'
          : `${refused[0].path}: ${refused[0].message}`,
    });
  }
  const ledger = await SendLedger.open(peer);
  const sending = new Sending(unique, senderTo(peer), ledger, job);
  let attempts = 0;
  try {
    attempts = await withRetries(() => sending.attempt(), {
      retries: request.retries,
      madeProgress: () => sending.takeProgress(),
      job,
    });
  } catch (error) {
    if (!(error instanceof TandemError) || error.code === 'cancelled' || sending.done === 0) throw error;
    throw new TandemError(error.code, `${error.message} (${sending.done} of ${unique.length} are there)`, {
      hint: 'Run the same again: it goes on where this ended.',
      cause: error,
    });
  } finally {
    tellSent(sending, job);
    await ledger.close(sending.isComplete ? unique.map(({ sopInstanceUid }) => sopInstanceUid) : []);
  }
  return {
    destination: peer.name,
    stored: sending.stored,
    alreadyThere: sending.alreadyThere,
    warnings: [...copies, ...sending.warnings],
    failed: [...surplus, ...sending.failures()],
    refused,
    attempts,
    bytes: sending.bytes,
    seconds: (performance.now() - begun) / 1000,
  };
};

/** For the audit log, which must know what had left however it ended. */
function tellSent({ confirmed, unconfirmed, alreadyThere }: Sending, job: JobContext): void {
  const { settings, ...what } = instancesEvidence('sent', confirmed);
  job.evidence?.({ ...what, settings: { ...settings, unconfirmed, alreadyThere } });
}

/** One object has one file: a copy of it is passed over, another object with its UID is not sent over it. */
async function uniqueInstances(instances: readonly OutgoingInstance[]): Promise<{
  unique: OutgoingInstance[];
  copies: NotDone[];
  surplus: NotDone[];
}> {
  const first = new Map<string, OutgoingInstance>();
  const copies: NotDone[] = [];
  const surplus: NotDone[] = [];
  for (const instance of instances) {
    const before = first.get(instance.sopInstanceUid);
    if (before === undefined) {
      first.set(instance.sopInstanceUid, instance);
      continue;
    }
    const isCopy = (await dataSetDigest(before)) === (await dataSetDigest(instance));
    if (isCopy) copies.push(notDone(instance, 'warning', `It is a copy of ${before.path}`));
    else {
      const message = `It is another object with the SOP Instance UID of ${before.path}, which is sent`;
      surplus.push(notDone(instance, 'bad-header', message));
    }
  }
  return { unique: [...first.values()], copies, surplus };
}

/** One sending over all its attempts. */
class Sending {
  stored = 0;
  alreadyThere = 0;
  bytes = 0;
  readonly warnings: NotDone[] = [];
  readonly confirmed: OutgoingInstance[] = [];
  readonly #begun = new Set<OutgoingInstance>();
  readonly #total: number;
  readonly #sender: Sender;
  readonly #ledger: SendLedger;
  readonly #job: JobContext;
  readonly #begunAtMs = performance.now();
  readonly #pending: Map<string, OutgoingInstance>;
  /** Refused for good, and refused for now. */
  readonly #refused = new Map<string, NotDone>();
  readonly #postponed = new Map<string, NotDone>();
  #doneBefore = 0;

  constructor(instances: readonly OutgoingInstance[], sender: Sender, ledger: SendLedger, job: JobContext) {
    this.#total = instances.length;
    this.#sender = sender;
    this.#ledger = ledger;
    this.#job = job;
    this.#pending = new Map(instances.map((instance) => [instance.sopInstanceUid, instance]));
  }

  /** How many went, or may have, and were not confirmed. */
  get unconfirmed(): number {
    return this.#begun.size;
  }

  get done(): number {
    return this.stored + this.alreadyThere;
  }

  get isComplete(): boolean {
    return this.done === this.#total;
  }

  /** Whether anything got through since this was asked last. */
  takeProgress(): boolean {
    const before = this.#doneBefore;
    this.#doneBefore = this.done;
    return this.done > before;
  }

  failures(): NotDone[] {
    return [...this.#refused.values(), ...this.#postponed.values()];
  }

  async attempt(): Promise<'done' | 'again'> {
    this.#postponed.clear();
    await this.#lookForSent();
    for (const group of this.#suspectsLast()) {
      if (group.length === 0) continue;
      this.#report();
      await this.#sender.send(group, this.#events(), this.#job.signal);
    }
    return this.#postponed.size === 0 ? 'done' : 'again';
  }

  /**
   * What was begun before and did not get through is sent by itself, behind the rest: an object that makes the other
   * side break off keeps back nothing that was not sent along with it.
   */
  #suspectsLast(): OutgoingInstance[][] {
    const isSuspect = (one: OutgoingInstance) => this.#ledger.entry(one.sopInstanceUid)?.state === 'begun';
    const pending = [...this.#pending.values()];
    return [pending.filter((one) => !isSuspect(one)), pending.filter(isSuspect)];
  }

  /**
   * Of what was sent before, as far as the record knows, finds out what has arrived. A connection that broke may
   * have taken an object and lost its answer, and a server that was killed may have lost what it confirmed: both
   * are for it to say. Where it does not answer, its confirmations are believed.
   */
  async #lookForSent(): Promise<void> {
    const doubtful = [...this.#pending.values()].filter((one) => this.#ledger.entry(one.sopInstanceUid));
    const bySeries = Map.groupBy(doubtful, (one) => `${one.studyUid} ${one.seriesUid}`);
    let asked = 0;
    for (const members of bySeries.values()) {
      this.#job.progress({ stage: 'comparing', done: asked++, total: bySeries.size });
      const { studyUid, seriesUid } = members[0]!;
      const present =
        studyUid === '' || seriesUid === ''
          ? undefined
          : await this.#sender.present(studyUid, seriesUid, this.#job.signal);
      for (const instance of members) await this.#settle(instance, present);
    }
  }

  async #settle(instance: OutgoingInstance, present: ReadonlySet<string> | undefined): Promise<void> {
    const { sopInstanceUid } = instance;
    const entry = this.#ledger.entry(sopInstanceUid);
    const isThere = present === undefined ? entry?.state === 'confirmed' : present.has(sopInstanceUid);
    if (entry === undefined || !isThere) return;
    // The file may have been written anew under the same UID: then the other side has the old one.
    if (entry.digest !== undefined && entry.digest !== (await dataSetDigest(instance))) return;
    if (!this.#pending.delete(sopInstanceUid)) return;
    this.alreadyThere++;
    this.#report();
  }

  #events(): SendEvents {
    return {
      begun: (instance) => {
        this.#begun.add(instance);
        return this.#ledger.begun(instance.sopInstanceUid);
      },
      confirmed: async (instance, digest, remark) => {
        await this.#ledger.confirmed(instance.sopInstanceUid, digest);
        this.#pending.delete(instance.sopInstanceUid);
        this.stored++;
        this.confirmed.push(instance);
        this.#begun.delete(instance);
        this.bytes += instance.fileBytes;
        if (remark !== undefined) this.warnings.push(notDone(instance, 'warning', remark));
        this.#report();
      },
      refused: async (instance, error, passing) => {
        const what = notDone(instance, error.code, error.message);
        if (passing) this.#postponed.set(instance.sopInstanceUid, what);
        else {
          this.#refused.set(instance.sopInstanceUid, what);
          this.#pending.delete(instance.sopInstanceUid);
        }
      },
    };
  }

  #report(): void {
    const secondsPassed = (performance.now() - this.#begunAtMs) / 1000;
    const left = this.#total - this.done;
    this.#job.progress({
      stage: 'sending',
      done: this.done,
      total: this.#total,
      secondsLeft: this.stored === 0 ? undefined : (left * secondsPassed) / this.stored,
    });
  }
}

function notDone(instance: OutgoingInstance, code: string, message: string): NotDone {
  return { path: instance.path, sopInstanceUid: instance.sopInstanceUid, code, message };
}
