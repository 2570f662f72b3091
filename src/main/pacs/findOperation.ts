import type { QueryValues } from '../../core/dicom/dimse/queryAttributes.ts';
import type { Handler } from '../host/handler.ts';
import { resolvePeer } from './destinations.ts';
import { withFind } from './dimse/find.ts';
import { searchWeb } from './web/qido.ts';

/** Searches a PACS: C-FIND or QIDO-RS. */
export const findOperation: Handler<'pacsFind'> = async (request, job) => {
  const peer = await resolvePeer(request.peer);
  const keys = request.keys as QueryValues;
  const begun = performance.now();
  const report = (done: number): void => job.progress({ stage: 'searching', done, total: 0 });
  const { matches, limited } =
    peer.kind === 'dimse'
      ? await withFind(peer, request.level, job.signal, (association) =>
          association.find(request.level, keys, request.limit, report),
        )
      : await searchWeb(peer, request.level, keys, request.limit, job.signal, report);
  return { matches: [...matches], limited, seconds: (performance.now() - begun) / 1000 };
};
