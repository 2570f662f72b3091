import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';
import { temporaryFolder } from '../evaluation/cases.ts';
import { killAgainAndAgain, startRun } from './killing.ts';
import { writePeople } from './people.ts';

let folder = '';

beforeAll(async () => {
  folder = await temporaryFolder();
  await writePeople(join(folder, 'people'), 6);
  await writeTestPackage(join(folder, 'base'), 'base-x2', testModel('srcnn-guided', 2, { correction: true }));
}, 60_000);

describe('a fine-tuning that is killed', () => {
  // test/tools/finetuneKills.ts does the same twenty times and more.
  it('at random moments gives the weights of one that was not, and never a broken package', async () => {
    const args = [
      ...['--base', join(folder, 'base'), '--cases', join(folder, 'people')],
      ...[
        '--registration',
        'headers-unchecked',
        '--steps',
        '150',
        '--patch',
        '32',
        '--learning-rate',
        '0.003',
      ],
      ...['--patience', '30', '--id', 'tuned', '--checkpoint-seconds', '0.1'],
    ];
    const whole = startRun(args, join(folder, 'whole'), false);
    expect([0, 1], whole.said()).toContain(await whole.ended);
    const { stages, results } = await killAgainAndAgain(args, folder, { kills: 4, longestMs: 6000, seed: 3 });
    expect(stages).toHaveLength(4);
    const { weightsSha256, keptStep, steps, acceptance } = whole.result();
    for (const result of results) {
      expect(result).toMatchObject({ state: 'finished', weightsSha256, keptStep, steps });
      expect(result.acceptance!.psnrInside).toEqual(acceptance!.psnrInside);
    }
  }, 400_000);
});
