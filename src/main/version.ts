import packageJson from '../../package.json' with { type: 'json' };

/** The project's version, as written into every export. */
export const appVersion: string = packageJson.version;
