import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import {
  type AuditEntry,
  type AuditEventInput,
  auditEntry,
  auditEvent,
} from '../../core/contract/auditing.ts';
import { canonicalJson } from '../../core/dicom/derived/provenanceBlock.ts';
import { appVersion } from '../version.ts';

/** What the first entry has for the hash of the one before. */
export const FIRST_PREVIOUS = '0'.repeat(64);

/** The end of a chain: number and hash of its last entry. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: string;
}

export const CHAIN_BEGIN: ChainEnd = { sequence: 0, hash: FIRST_PREVIOUS };

/** The entry that follows in a chain. Throws zod's error for an event that is none. */
export function nextEntry(
  after: ChainEnd,
  event: AuditEventInput,
  user: string | undefined,
  at: Date = new Date(),
): AuditEntry {
  const content: Omit<AuditEntry, 'hash'> = {
    format: 'tandem-audit-1',
    sequence: after.sequence + 1,
    time: at.toISOString(),
    program: `Tandem MR ${appVersion}`,
    account: accountName(),
    user: user ?? null,
    event: auditEvent.parse(event),
    previous: after.hash,
  };
  return { ...content, hash: hashOfEntry(content) };
}

/** SHA-256, hex, of an entry's canonical JSON without its own hash. */
export function hashOfEntry(content: Omit<AuditEntry, 'hash'>): string {
  const { hash: _, ...hashed } = content as AuditEntry;
  return sha256(canonicalJson(hashed));
}

/** A line of the log, without its end. */
export function lineOf(entry: AuditEntry): string {
  return canonicalJson(entry);
}

/**
 * The entry of a line; undefined where it is none, or is not written as `lineOf` writes it. Its hash need not be
 * right.
 */
export function parseLine(line: string): AuditEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = auditEntry.safeParse(json);
  return parsed.success && lineOf(parsed.data) === line ? parsed.data : undefined;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Name of the system's account; where the system knows none, its number. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
