import { QUIET_JOB } from '../../../src/core/job.ts';
import { scanPaths } from '../../../src/main/studies/scan.ts';
import { peakBytes } from '../peakMemory.ts';

/** Indexes one folder in a process of its own, whose memory is then its own: seconds, those of the processor, bytes and images as JSON. */
const start = performance.now();
let reports = 0;
const job = {
  ...QUIET_JOB,
  progress: () => {
    reports++;
  },
};
const { studies } = await scanPaths([process.argv[2]!], job);
const slices = studies.flatMap(({ series }) => series).reduce((sum, { summary }) => sum + summary.size[2], 0);
const { user, system } = process.cpuUsage();
const seconds = (performance.now() - start) / 1000;
process.stdout.write(
  JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes(), slices, reports }),
);
