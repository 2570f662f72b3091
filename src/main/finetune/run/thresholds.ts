import { readFile } from 'node:fs/promises';
import { type AcceptanceThresholds, acceptanceThresholds } from '../../../core/contract/acceptance.ts';
import { readThresholds } from '../acceptance/readThresholds.ts';

/** What a tuned model must reach where the site has laid down nothing of its own. */
const OWN: AcceptanceThresholds = acceptanceThresholds.parse({
  format: 'tandem-thresholds',
  formatVersion: 1,
  note: 'Thresholds of Tandem MR, for where a site has none of its own.',
  leastPatients: 3,
  thresholds: [
    {
      quantity: 'psnrInside',
      statistic: 'interval-low',
      atLeast: 0,
      because: 'better than the base, beyond what chance among patients explains',
    },
    { quantity: 'psnrInside', statistic: 'lowest', atLeast: -0.3, because: 'no patient is much worse off' },
    { quantity: 'ssimInside', atLeast: -0.002, because: 'structures are kept' },
    { quantity: 'lesionError', atMost: 0, whereMeasured: true, because: 'lesions are no worse' },
    { quantity: 'consistencyError', atMost: 0.002, because: 'what was acquired is kept' },
    {
      quantity: 'psnrWrong',
      basis: 'gain',
      atLeast: -0.5,
      whereMeasured: true,
      because: 'a wrong reference must not hurt',
    },
  ],
});

/** The text of the thresholds that a run is judged by. Throws `not-found`, `usage` for a file that is none. */
export async function thresholdsText(path: string | undefined): Promise<string> {
  if (path === undefined) return `${JSON.stringify(OWN, null, 1)}\n`;
  await readThresholds(path, undefined);
  return readFile(path, 'utf8');
}
