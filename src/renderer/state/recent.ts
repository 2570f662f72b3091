const STORED_AS = 'tandem.recentPaths';
const KEPT = 8;

/** The paths opened last, newest first; empty where the storage is blocked or holds something else. */
export function readRecentPaths(): string[] {
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(STORED_AS) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter((path): path is string => typeof path === 'string').slice(0, KEPT);
  } catch {
    return [];
  }
}

/** Puts a path first and returns the new list. */
export function rememberPath(path: string, before: readonly string[]): string[] {
  const paths = [path, ...before.filter((other) => other !== path)].slice(0, KEPT);
  try {
    window.localStorage.setItem(STORED_AS, JSON.stringify(paths));
  } catch {
    // A full or blocked storage costs the list of recent paths and nothing else.
  }
  return paths;
}
