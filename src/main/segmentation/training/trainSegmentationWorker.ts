/** Entry of the thread in which a network that segments is trained. */
import { serveJob } from '../../runtime/jobThread.ts';
import { trainSegmentationHere } from './trainOperation.ts';

serveJob(trainSegmentationHere);
