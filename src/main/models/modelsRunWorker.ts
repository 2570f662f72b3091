/** Entry of the thread that runs a package on raw tensors. */
import { serveJob } from '../runtime/jobThread.ts';
import { runHere } from './runOperation.ts';

serveJob(runHere);
