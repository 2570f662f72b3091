import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dataRoot } from '../helpers/data.ts';
import { readBases } from '../helpers/mutations/bases.ts';
import { makeMutant, roundOf } from '../helpers/mutations/mutants.ts';
import { surveyMutants } from '../helpers/mutations/survey.ts';

/**
 * Damaged files by the thousand: `node test/tools/mutations.ts [--count 22016] [--from 0]` reads that many
 * mutants and lists every broken promise (`--readers 2`: two processes at a time); `--only 1234` reads one, and
 * `--save FILE` writes it.
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '22016' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    save: { type: 'string' },
    readers: { type: 'string', default: '1' },
  },
});
const root = dataRoot();
if (root === undefined) throw new Error('The real data are not here (TANDEM_DATA).');
const bases = readBases(root);
const first = Number(values.only ?? values.from);
const count = values.only === undefined ? Number(values.count) : 1;
if (values.only !== undefined) {
  const { base, kind, what, bytes } = makeMutant(bases, first);
  console.log(`${first}: ${base.name}, ${kind}: ${what}, ${bytes.length} bytes`);
  if (values.save !== undefined) writeFileSync(values.save, bytes);
}
let told = 0;
const survey = await surveyMutants(bases, {
  readers: Number(values.readers),
  numbers: Array.from({ length: count }, (_, n) => first + n),
  onProgress: (done, faults) => {
    for (; told < faults.length; told++) console.log(`FAULT ${faults[told]}`);
    if (done % 1000 === 0) console.error(`${done} of ${count}, ${faults.length} faults`);
  },
});
console.log(JSON.stringify({ ...survey, faults: survey.faults.length, round: roundOf(bases) }, null, 2));
process.exitCode = survey.faults.length > 0 ? 1 : 0;
