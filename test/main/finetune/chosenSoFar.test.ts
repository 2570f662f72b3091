import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TandemError } from '../../../src/core/errors.ts';
import { ChosenSoFar } from '../../../src/main/finetune/chosenSoFar.ts';
import { temporaryFolder } from '../evaluation/cases.ts';

const never = () => {
  throw new Error('it was done again');
};

describe('what was found out about cases', () => {
  it('is known to the next program, bad news and exact numbers among it', async () => {
    const path = join(await temporaryFolder(), 'choosing.json');
    const first = await ChosenSoFar.open(path, 0);
    const transform = [[0.1 + 0.2, -1e-17, 3]];
    await first.once('place a', async () => ({ words: 'moved', transform }));
    await first.once('person a,b', () => null);
    const untrusted = () => {
      throw new TandemError('registration-untrusted', 'another head', { hint: 'Leave it out.' });
    };
    await expect(first.once('place c', untrusted)).rejects.toMatchObject({ message: 'another head' });
    const unreadable = () => {
      throw new TandemError('truncated', 'The disk hiccuped');
    };
    await expect(first.once('place d', unreadable)).rejects.toMatchObject({ code: 'truncated' });

    const next = await ChosenSoFar.open(path);
    expect(await next.once('place a', never)).toEqual({ words: 'moved', transform });
    expect(await next.once('person a,b', never)).toBeNull();
    await expect(next.once('place c', never)).rejects.toMatchObject({
      code: 'registration-untrusted',
      hint: 'Leave it out.',
    });
    // What may go well another time is tried again.
    expect(await next.once('place d', () => 'read')).toBe('read');
    expect(await next.once('place e', () => 'new')).toBe('new');
    await next.forget();
    expect(await (await ChosenSoFar.open(path)).once('place a', () => 'done')).toBe('done');
  });

  it('counts for nothing where another version or a torn file wrote it', async () => {
    const path = join(await temporaryFolder(), 'choosing.json');
    for (const text of ['{"software":"0.0.0","known":{"a":{"value":1}}}', '{"software":', '[]']) {
      await writeFile(path, text);
      expect(await (await ChosenSoFar.open(path)).once('a', () => 2)).toBe(2);
    }
  });
});
