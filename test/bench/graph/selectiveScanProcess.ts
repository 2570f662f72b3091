import { peakBytes } from '../peakMemory.ts';
import { type ScanProblem, scanMeasured } from './selectiveScanProblems.ts';

/** Prints by how many bytes this process grew when it computed a problem twice: selectiveScanProcess.ts PROBLEM. */

const { run } = await scanMeasured(process.argv[2] as ScanProblem);
// The session and its inputs are there by now.
const before = process.memoryUsage().rss;
await run();
await run();
console.log(peakBytes() - before);
