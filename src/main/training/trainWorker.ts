/** Entry of the thread in which a network is trained. */
import { serveJob } from '../runtime/jobThread.ts';
import { trainHere } from './trainOperation.ts';

serveJob(trainHere);
