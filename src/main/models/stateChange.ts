import type { AuditEventInput, AuditKind } from '../../core/contract/auditing.ts';
import type { ModelState } from '../../core/contract/modelStates.ts';
import { AuditLog } from '../audit/auditLog.ts';
import { accountName } from '../audit/entry.ts';
import { acceptedFor, addChange, removeChange } from './historyRows.ts';
import type { StatedModel } from './identity.ts';
import { keptState } from './standing.ts';

/** Who says so, and why. */
export interface Saying {
  readonly by?: string | undefined;
  readonly notes?: string | undefined;
}

export interface ChangedModel {
  readonly stated: StatedModel;
  /** What the audit log says of it. */
  readonly evidence: AuditEventInput['model'];
}

/**
 * Changes the state of a model of either kind, together with its entry in the audit log.
 * @param reportSha256 what the change rests on
 * @param check throws where the change cannot be made from the state that it has by then
 * @throws TandemError `no-permission`, `write-failed` where the log cannot be written, and what `check` throws
 */
export function changeState(
  { stated, evidence }: ChangedModel,
  kind: AuditKind,
  state: ModelState,
  { by, notes }: Saying,
  reportSha256: string | null,
  check: (state: ModelState, accepted: readonly string[]) => void,
): void {
  new AuditLog().appendWith(
    {
      make: (database) => {
        check(keptState(database, stated.identity), acceptedFor(database, stated.slot));
        return addChange(database, stated, {
          state,
          user: by ?? null,
          account: accountName(),
          atMs: Date.now(),
          notes: notes ?? null,
          reportSha256,
        });
      },
      undo: removeChange,
    },
    () => ({
      kind,
      outcome: 'done',
      model: evidence && { ...evidence, state },
      settings: { scans: stated.slot },
      ...(reportSha256 !== null && { outputs: { report: reportSha256 } }),
      ...(notes !== undefined && { notes }),
    }),
    by,
  );
}
