/**
 * Kills fine-tunings at random moments and goes on with them: `node test/tools/finetuneKills.ts [KILLS] [SEED]`. Ends
 * with 1 where the weights are not those of a run that was left alone, or a broken package was ever visible.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testModel, writeTestPackage } from '../helpers/modelPackage.ts';
import { killAgainAndAgain, startRun } from '../main/finetune/killing.ts';
import { writePeople } from '../main/finetune/people.ts';

const [kills = 20, seed = 1] = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'tandem-kills-'));
process.env.TANDEM_HOME = join(folder, 'home');
try {
  await writePeople(join(folder, 'people'), 6);
  await writeTestPackage(join(folder, 'base'), 'base-x2', testModel('srcnn-guided', 2, { correction: true }));
  const args = [
    ...['--base', join(folder, 'base'), '--cases', join(folder, 'people')],
    ...['--registration', 'headers-unchecked', '--steps', '600', '--patch', '32', '--learning-rate', '0.003'],
    ...['--patience', '30', '--id', 'tuned', '--checkpoint-seconds', '0.2'],
  ];
  const began = performance.now();
  const whole = startRun(args, join(folder, 'whole'), false);
  await whole.ended;
  const longestMs = Math.round(1.2 * (performance.now() - began));
  console.log(`left alone: ${(longestMs / 1200).toFixed(1)} s, ${whole.result().weightsSha256}`);
  const { stages, results } = await killAgainAndAgain(args, folder, { kills, longestMs, seed }, console.log);
  const counts = [...Map.groupBy(stages, (stage) => stage)].map(([stage, all]) => `${stage} ${all.length}`);
  const same = results.filter(({ weightsSha256 }) => weightsSha256 === whole.result().weightsSha256).length;
  console.log(
    `${stages.length} kills (${counts.join(', ')}); ${same} of ${results.length} runs with the same weights`,
  );
  process.exitCode = same === results.length ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
