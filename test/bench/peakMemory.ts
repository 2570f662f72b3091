import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has had resident, in bytes. On Linux from its own address space: what
 * `resourceUsage` says of a child begins with the peak of the process that started it.
 */
export function peakBytes(): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (match) return Number(match[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
