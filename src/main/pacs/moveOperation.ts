import { TandemError } from '../../core/errors.ts';
import { sha256 } from '../audit/entry.ts';
import type { Handler } from '../host/handler.ts';
import { resolvePeer } from './destinations.ts';
import { moveInstances } from './dimse/move.ts';
import { peerEvidence } from './peerEvidence.ts';

/** Has a PACS send a study, series or instance to another node that it knows. */
export const moveOperation: Handler<'pacsMove'> = async (request, job) => {
  const begun = performance.now();
  const { studyUid, seriesUid, instanceUid } = request;
  const peer = await resolvePeer(request.peer);
  job.evidence?.({
    inputs: [
      {
        role: 'sent',
        studySha256: sha256(studyUid),
        ...(seriesUid !== undefined && { seriesSha256: sha256(seriesUid) }),
      },
    ],
    settings: peerEvidence(peer),
    outputs: instanceUid === undefined ? {} : { instances: sha256(instanceUid) },
  });
  if (peer.kind !== 'dimse') {
    throw new TandemError('usage', 'DICOMweb knows no C-MOVE', {
      hint: 'Choose a destination of the kind DIMSE.',
    });
  }
  if (instanceUid !== undefined && seriesUid === undefined) {
    throw new TandemError('usage', 'An instance is named together with its series');
  }
  const keys = {
    StudyInstanceUID: studyUid,
    ...(seriesUid && { SeriesInstanceUID: seriesUid }),
    ...(instanceUid && { SOPInstanceUID: instanceUid }),
  };
  const level = instanceUid !== undefined ? 'image' : seriesUid !== undefined ? 'series' : 'study';
  const counts = await moveInstances(
    peer,
    [{ level, keys }],
    request.to,
    ({ completed, failed, warnings, remaining }) => {
      const done = completed + failed + warnings;
      job.progress({ stage: 'moving', done, total: done + remaining });
    },
    job.signal,
  );
  const { completed, failed, warnings } = counts;
  job.evidence?.({ settings: { instances: completed + warnings, failed } });
  return { completed, failed, warnings, seconds: (performance.now() - begun) / 1000 };
};
