import { benchExport } from './export/index.ts';
import { benchGraph } from './graph/index.ts';
import { benchLag } from './lag/index.ts';
import type { BenchResult } from './measure.ts';
import { benchNetworks } from './networks/index.ts';
import { benchStudies } from './studies/index.ts';
import { benchTrainingCores } from './training/index.ts';
import { benchViewer } from './viewer/index.ts';

/** `npm run bench -- [graph] [networks] [training] [studies] [viewer] [export] [lag] [--json]`: what is measured, as a table, or as one JSON list on stdout. */

const suites: Readonly<Record<string, () => Promise<BenchResult[]>>> = {
  graph: benchGraph,
  networks: benchNetworks,
  training: benchTrainingCores,
  studies: benchStudies,
  viewer: benchViewer,
  export: benchExport,
  lag: benchLag,
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = [
  ...names.filter((name) => !Object.hasOwn(suites, name)),
  ...args.filter((arg) => arg.startsWith('--') && arg !== '--json'),
];
if (unknown.length > 0) {
  console.error(
    `usage: npm run bench -- [${Object.keys(suites).join('|')}] [--json]; not ${unknown.join(' ')}`,
  );
  process.exit(2);
}

const results: BenchResult[] = [];
for (const name of names.length > 0 ? names : Object.keys(suites)) results.push(...(await suites[name]!()));
if (json) console.log(JSON.stringify(results, null, 2));
else {
  for (const { name, value, unit, against, ratio, runs } of results) {
    const compared = against === null ? '' : `  ${ratio?.toFixed(2)} × ${against}`;
    console.log(
      `${name.padEnd(52)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(8)} median of ${runs}${compared}`,
    );
  }
}
