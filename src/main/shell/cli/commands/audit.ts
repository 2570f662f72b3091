import type { AuditEntry } from '../../../../core/contract/auditing.ts';
import type { RequestInput } from '../../../../core/contract/operations.ts';
import { ERROR_EXIT_CODES } from '../../../../core/errors.ts';
import { type Command, command } from '../command.ts';
import { optionalPath, text } from '../requestParts.ts';

/** The log of what was trained, accepted, enhanced and exported here. */
export const auditCommands: readonly Command[] = [
  command({
    name: 'audit verify',
    operation: 'auditVerify',
    usage: 'tandem audit verify [FILE] [--json]',
    summary: 'Finds every changed, removed, inserted or reordered entry of the audit log, and a cut end',
    positionals: 1,
    options: {},
    request: (args) => ({ path: optionalPath(args.positionals[0]) }),
    print: ({ path, ok, entries, lastHash, faults, notes, waiting }) =>
      [
        `${path}: ${entries} entries${waiting === 0 ? '' : `, ${waiting} waiting`}, ${ok ? 'whole' : `${faults.length} faults`}`,
        ...(lastHash === null ? [] : [`last hash ${lastHash}`]),
        ...faults.map(({ kind, line, message }) => `line ${line}: ${kind}: ${message}`),
        ...notes.map((note) => `note: ${note}`),
      ].join('\n'),
    exitCode: ({ ok }) => (ok ? 0 : ERROR_EXIT_CODES.failed),
  }),
  command({
    name: 'audit show',
    operation: 'auditShow',
    usage: 'tandem audit show [--last 20] [--kind enhancement|export|training|model-accepted|…] [--json]',
    summary: 'The last entries of the audit log',
    positionals: 0,
    options: { last: text, kind: text },
    request: (args) => ({
      last: args.number('last'),
      kind: args.text('kind') as RequestInput<'auditShow'>['kind'],
    }),
    print: ({ entries, unreadable }) =>
      [
        ...entries.map(describeEntry),
        ...(unreadable === 0 ? [] : [`${unreadable} lines are no entries; see: tandem audit verify`]),
      ].join('\n'),
  }),
];

function describeEntry({ sequence, time, account, user, event }: AuditEntry): string {
  const { kind, outcome, error, model } = event;
  const which =
    model === undefined ? '' : `  ${model.id}${model.state === undefined ? '' : ` (${model.state})`}`;
  const who = user === null ? account : `${user} (${account})`;
  return `${String(sequence).padStart(6)}  ${time}  ${kind} ${outcome}${error === undefined ? '' : ` (${error})`}${which}  ${who}`;
}
