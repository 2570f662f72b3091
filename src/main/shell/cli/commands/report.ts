import { resolve } from 'node:path';
import type { Result } from '../../../../core/contract/operations.ts';
import { type Command, command } from '../command.ts';
import { flag, text, texts } from '../requestParts.ts';
import { counted } from '../words.ts';

/** Pages for people: about a case, about the program. */
export const reportCommands: readonly Command[] = [
  command({
    name: 'export page',
    operation: 'casePage',
    usage: 'tandem export page --id ID --out FILE.html [--with-patient] [--picture FILE.png …] [--json]',
    summary: 'One page of HTML about a stored enhanced series: what, which model, numbers, pictures',
    positionals: 0,
    options: { id: text, out: text, 'with-patient': flag, picture: texts },
    request: (args) => ({
      id: args.required('id'),
      out: resolve(args.required('out')),
      withPatient: args.flag('with-patient'),
      pictures: args
        .all('picture')
        .map((path) => ({ title: path.split(/[\\/]/).at(-1) ?? path, path: resolve(path) })),
    }),
    print: ({ path, pictures }) => `${path}: ${counted(pictures, 'picture')}`,
  }),
  command({
    name: 'diagnostics',
    operation: 'diagnostics',
    usage: 'tandem diagnostics [--json]',
    summary: 'Versions, machine, devices, models and last errors, for an issue; nothing about patients',
    positionals: 0,
    options: {},
    request: () => ({}),
    print: describeDiagnostics,
  }),
];

function describeDiagnostics(result: Result<'diagnostics'>): string {
  const { program, versions, system, devices, automatic, models, refusedModels, library, errors } = result;
  return [
    `Tandem MR ${program.version} (${program.shell})`,
    ...Object.entries(versions).flatMap(([name, version]) =>
      version === null ? [] : [`${name} ${version}`],
    ),
    `${system.platform} ${system.release} ${system.architecture}, ${system.processor}, ${system.cores} threads`,
    `memory ${system.memoryMb} MB, free ${system.freeMemoryMb} MB`,
    ...devices.map((one) => `${one.available ? 'device' : 'no device'} ${one.name}: ${one.reason}`),
    ...(automatic === null ? [] : [`automatic: ${automatic}`]),
    ...models.map((one) => `model ${one.id} ${one.version} (${one.network}) ${one.weightsSha256}`),
    ...refusedModels.map((words) => `refused model: ${words}`),
    `library: ${library.state}, ${library.studies} studies; jobs: ${
      Object.entries(library.jobs)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ') || 'none'
    }`,
    ...errors.map(
      ({ atMs, operation, code, message }) =>
        `${new Date(atMs).toISOString()} ${operation}: ${code}: ${message}`,
    ),
  ].join('\n');
}
