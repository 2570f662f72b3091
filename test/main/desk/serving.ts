/** A program with the workstation in it, as `tandem serve` is: puts one long job into the queue and says so. */
import { DeskWorkstation } from '../../../src/main/desk/deskWorkstation.ts';
import { startNodeHost } from '../../../src/main/host/nodeHost.ts';

const [order = ''] = process.argv.slice(2);
const workstation = new DeskWorkstation(startNodeHost);
const { jobs } = await workstation.call('jobsSubmit', { orders: [{ order: JSON.parse(order) }] });
for (;;) {
  const { jobs: now } = await workstation.call('jobsList', {});
  if (now[0]?.progress?.stage === 'enhancing') break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
console.log(JSON.stringify(jobs[0]));
