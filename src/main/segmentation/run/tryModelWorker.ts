/** Entry of the thread in which a segmentation model from elsewhere is tried. */
import { serveJob } from '../../runtime/jobThread.ts';
import { tryHere } from './tryHere.ts';

serveJob(tryHere);
