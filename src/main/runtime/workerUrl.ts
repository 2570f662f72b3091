/**
 * URL of the entry `name` of a worker thread or child process that lies beside the caller: its source
 * (`./name.ts`) where Node runs the sources, its bundle (`name.js`, beside the bundled entries) where the
 * caller was bundled.
 *
 * @param name of the source file, without folder and extension; also the bundle's name
 * @param caller the caller's `import.meta.url`
 */
export function workerUrl(name: string, caller: string): URL {
  return new URL(caller.endsWith('.ts') ? `./${name}.ts` : `./${name}.js`, caller);
}
