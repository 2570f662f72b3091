import packageJson from '../../package.json' with { type: 'json' };

/** The project's version, as written into every export. */
export const appVersion: string = packageJson.version;

/** The version of a library that the program is pinned to; `unknown` for one that it is not. */
export function dependencyVersion(name: string): string {
  const pinned: Readonly<Record<string, string>> = packageJson.dependencies;
  return pinned[name] ?? 'unknown';
}
