import type { Handler } from '../host/handler.ts';
import { resolvePeer } from './destinations.ts';
import { echo } from './dimse/echo.ts';
import { peerName } from './dimse/request.ts';
import { openSecrets } from './openSecrets.ts';
import { echoWeb } from './web/qido.ts';

/** Whether a destination answers: C-ECHO, or a search for one study. */
export const echoOperation: Handler<'pacsEcho'> = async (request, job) => {
  const peer = await resolvePeer(request.peer);
  const begun = performance.now();
  if (peer.kind === 'dimse') await echo(peer, job.signal);
  else await echoWeb(peer, job.signal);
  const answeredBy =
    peer.kind === 'dimse'
      ? `${peer.calledAeTitle} at ${peerName(peer)}${peer.tls === undefined ? '' : ', by TLS'}`
      : peer.url;
  const milliseconds = performance.now() - begun;
  return { answeredBy, milliseconds, warnings: await openSecrets(peer) };
};
