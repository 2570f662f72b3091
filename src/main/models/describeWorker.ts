/** Entry of the thread that describes a network. */
import { serveJob } from '../runtime/jobThread.ts';
import { describeHere } from './describeOperation.ts';

serveJob(describeHere);
