/** Adds entries to the audit log of a folder until it has added as many as asked: one of several at once. */
import { AuditLog } from '../../../src/main/audit/auditLog.ts';
import { Library } from '../../../src/main/library/library.ts';

const [folder, name, count] = process.argv.slice(2);
const log = new AuditLog(new Library(folder));
for (let n = 0; n < Number(count); n++) {
  log.append({ kind: 'enhancement', outcome: 'done', model: { id: name! }, settings: { n } });
  process.stdout.write('.');
}
