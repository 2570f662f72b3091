import { spawnSync } from 'node:child_process';

/** The first Python that can do `code`: TANDEM_PYTHON, python3 on the PATH, Debian's own; undefined where none can. */
export function pythonThatCan(code: string): string | undefined {
  const candidates = [process.env.TANDEM_PYTHON, 'python3', '/usr/bin/python3'];
  return candidates.find(
    (python) => python !== undefined && spawnSync(python, ['-c', code], { stdio: 'ignore' }).status === 0,
  );
}
