import { describe, expect, it } from 'vitest';
import { networks } from '../../../src/core/networks/index.ts';
import { commands } from '../../../src/main/shell/cli/commands.ts';
import { commandNamed, help } from '../../../src/main/shell/cli/help.ts';

const usages = (text: string) =>
  [...text.matchAll(/^ {2}tandem ((?:[a-z]+(?:-[a-z]+)* ?)+)/gm)].map(([, name]) => name!.trim());

describe('the help of `tandem`', () => {
  it('tells every command in lines of a terminal’s width', () => {
    const told = help(commands);
    expect(usages(told)).toEqual(commands.map(({ name }) => name));
    for (const line of told.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
    expect(told).toContain('Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 cancelled, 5 failed.');
  });

  it('tells one command, of one word or two, and those that begin with the word', () => {
    expect(usages(help(commands, ['enhance']))).toEqual(['enhance']);
    expect(usages(help(commands, ['models', 'run']))).toEqual(['models run']);
    expect(usages(help(commands, ['models', '--help']))).toEqual([
      'models',
      'models import',
      'models describe',
      'models measure',
      'models judge',
      'models run',
      'models accept',
      'models retire',
      'models rollback',
      'models report',
      'models export-package',
      'models import-package',
    ]);
    expect(usages(help(commands, ['nonsense']))).toHaveLength(commands.length);
  });

  it('names the networks where one is asked for, all of them', () => {
    const [, named] = /Networks: (.*)$/s.exec(help(commands, ['train'])) ?? [];
    expect(named?.split(/,\s+/)).toEqual(Object.keys(networks));
    expect(help(commands, ['list'])).not.toContain('Networks');
  });

  it('names every device where one can be chosen', () => {
    for (const { name, options, usage } of commands) {
      if (!('device' in options)) continue;
      for (const device of ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml']) {
        expect(usage, name).toMatch(new RegExp(`--device \\S*\\b${device}\\b`));
      }
    }
  });

  it('names in its usage every option that a command takes', () => {
    for (const { name, options, usage } of commands) {
      for (const option of Object.keys(options)) expect(usage, name).toMatch(new RegExp(`--${option}\\b`));
    }
  });

  it('finds commands of two words', () => {
    const found = (first: string, ...rest: string[]) => {
      const [command, remaining] = commandNamed(commands, first, rest);
      return [command?.name, ...remaining];
    };
    expect(found('models', 'run', 'x')).toEqual(['models run', 'x']);
    expect(found('models', '--json')).toEqual(['models', '--json']);
    expect(found('run')).toEqual([undefined]);
  });
});
