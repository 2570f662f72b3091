import { change, type Database, row } from './sqlite.ts';

/** How fast models ran, by machine and by what their speed depends on. */

/** More than a site has of models, devices and matrices; the longest unmeasured go. */
const MOST = 500;

export function speedKept(database: Database, machine: string, key: string): unknown {
  const found = row<{ speed: string }>(
    database,
    'SELECT speed FROM speeds WHERE machine = ? AND key = ?',
    machine,
    key,
  );
  return found === undefined ? undefined : JSON.parse(found.speed);
}

export function keepSpeed(
  database: Database,
  { machine, key, speed, atMs }: { machine: string; key: string; speed: object; atMs: number },
): void {
  change(
    database,
    'INSERT OR REPLACE INTO speeds (machine, key, speed, measured_at) VALUES (?, ?, ?, ?)',
    machine,
    key,
    JSON.stringify(speed),
    atMs,
  );
  change(
    database,
    `DELETE FROM speeds WHERE (machine, key) IN
       (SELECT machine, key FROM speeds ORDER BY measured_at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
    MOST,
  );
}
