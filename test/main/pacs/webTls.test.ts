import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebPeer } from '../../../src/core/contract/pacs.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { readDestinations, saveDestination } from '../../../src/main/pacs/destinations.ts';
import { echoOperation } from '../../../src/main/pacs/echoOperation.ts';
import { getOperation } from '../../../src/main/pacs/getOperation.ts';
import { storeOperation } from '../../../src/main/pacs/storeOperation.ts';
import { type Authority, type Identity, makeAuthority, openssl } from '../../helpers/certificates.ts';
import { findOrthanc, startOrthanc } from '../../helpers/orthanc.ts';
import { changedInstances, instanceUid, receivedUids, STUDY_UID, writeInstances } from './instances.ts';

let root: string;
let ours: Authority;
let theirs: Authority;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-web-tls-'));
  process.env.TANDEM_SETTINGS = join(root, 'settings');
  if (openssl === undefined) return;
  ours = makeAuthority(join(root, 'tls'), 'ours');
  theirs = makeAuthority(join(root, 'tls'), 'theirs');
});
afterAll(async () => {
  delete process.env.TANDEM_SETTINGS;
  await rm(root, { recursive: true, force: true });
});

const echo = (peer: WebPeer) => echoOperation({ peer }, QUIET_JOB);
const told = (peer: WebPeer): Promise<{ code: string; message: string; hint?: string }> =>
  echo(peer).then(
    () => ({ code: '', message: 'it was let in' }),
    (error) => error,
  );

describe.skipIf(openssl === undefined)('DICOMweb by https [needs openssl]', () => {
  it('goes to a server whose authority is known and to no other, and says which is which', async () => {
    const identity = ours.issue('web');
    const asked: (string | undefined)[] = [];
    const server = createServer(
      { cert: await readFile(identity.certificate), key: await readFile(identity.key) },
      (request, response) => {
        asked.push(request.headers.authorization);
        response.writeHead(200, { 'content-type': 'application/dicom+json' }).end('[]');
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const tokenFile = join(root, 'token');
    await writeFile(tokenFile, 's3cret-token', { mode: 0o600 });
    const peer: WebPeer = {
      ...{ kind: 'dicomweb', url: `https://127.0.0.1:${port}/web`, timeoutSeconds: 10 },
      tokenFile,
      tls: { ca: ours.ca },
    };
    try {
      await echo(peer);
      expect(asked).toEqual(['Bearer s3cret-token']);
      const strangers: [string, WebPeer, RegExp][] = [
        ['another authority', { ...peer, tls: { ca: theirs.ca } }, /authority that is not known here/],
        ['the machine’s own list', { ...peer, tls: undefined }, /authority that is not known here/],
        ['another name', { ...peer, tls: { ca: ours.ca, serverName: 'elsewhere.org' } }, /another name/],
        ['plain http', { ...peer, url: peer.url.replace('https', 'http'), tls: undefined }, /closed|broke/],
      ];
      for (const [who, one, words] of strangers) {
        const error = await told(one);
        expect(error, who).toMatchObject({ code: 'network-failed', message: expect.stringMatching(words) });
        expect(error.hint, who).toBeTruthy();
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error)), who).not.toContain('s3cret');
      }
      // Whoever was not to be trusted has not seen the token.
      expect(asked).toHaveLength(1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 60_000);

  it('keeps the names of files with secrets, never the secrets, where the owner alone can read', async () => {
    const passwordFile = join(root, 'kept-password');
    await writeFile(passwordFile, 'very-s3cret', { mode: 0o600 });
    await saveDestination({
      ...{ kind: 'dicomweb', name: 'Kept', url: 'https://pacs.example.org/web', timeoutSeconds: 10 },
      ...{ user: 'reader', passwordFile },
    });
    const file = join(root, 'settings', 'destinations.json');
    expect(await readFile(file, 'utf8')).not.toContain('very-s3cret');
    expect(JSON.stringify(await readDestinations())).not.toContain('very-s3cret');
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it.skipIf(findOrthanc() === undefined)(
    'sends to and fetches from Orthanc behind an encrypting proxy, with a user’s password and a certificate, and lets nobody in without [needs orthanc and orthanc-dicomweb]',
    async () => {
      const [server, client] = [ours.issue('proxy'), ours.issue('client')];
      const orthanc = await startOrthanc(join(root, 'orthanc'), {
        RegisteredUsers: { reader: 'secret word' },
        AuthenticationEnabled: true,
      });
      const proxy = await encryptedDoorTo(Number(new URL(orthanc.web.url).port), server, ours.ca);
      const passwordFile = join(root, 'password');
      await writeFile(passwordFile, 'secret word\n', { mode: 0o600 });
      const files = join(root, 'files');
      const out = join(root, 'out');
      const uids = await writeInstances(files, 3);
      const peer: WebPeer = {
        ...orthanc.web,
        url: `https://127.0.0.1:${proxy.port}/dicom-web`,
        user: 'reader',
        passwordFile,
        tls: { ca: ours.ca, ...client },
      };
      try {
        expect((await echo(peer)).answeredBy).toMatch(/^https:/);
        expect(await storeOperation({ peer, paths: [files], retries: 0 }, QUIET_JOB)).toMatchObject({
          stored: 3,
          failed: [],
        });
        const request = { peer, studyUid: STUDY_UID, out, method: 'get', movePort: 11_112 } as const;
        await getOperation({ ...request, moveFrom: [], retries: 0 }, QUIET_JOB);
        expect(await receivedUids(out)).toEqual(uids);
        expect(uids).toContain(instanceUid(2));
        expect(await changedInstances(out, 3)).toEqual([]);
        const wrong = join(root, 'wrong-password');
        await writeFile(wrong, 'guess', { mode: 0o600 });
        const strangers: [string, WebPeer, string][] = [
          ['a wrong password', { ...peer, passwordFile: wrong }, 'refused-by-peer'],
          ['nobody', { ...peer, user: undefined, passwordFile: undefined }, 'refused-by-peer'],
          ['no certificate', { ...peer, tls: { ca: ours.ca } }, 'network-failed'],
          [
            'a stranger’s certificate',
            { ...peer, tls: { ca: ours.ca, ...theirs.issue('stranger') } },
            'network-failed',
          ],
          ['another authority', { ...peer, tls: { ca: theirs.ca, ...client } }, 'network-failed'],
        ];
        for (const [who, one, code] of strangers) {
          expect(await told(one), who).toMatchObject({ code, hint: expect.any(String) });
        }
      } finally {
        proxy.close();
        await orthanc.stop();
      }
    },
    120_000,
  );
});

/**
 * What stands before many a server: TLS ends here, and only for clients of an authority. (Orthanc's own https
 * cannot stand in: Debian's 1.10.1 ends with a segmentation fault at the first request by it.)
 */
async function encryptedDoorTo(
  port: number,
  { certificate, key }: Identity,
  clientCa: string,
): Promise<{ port: number; close: () => void }> {
  const [cert, keyBytes, ca] = await Promise.all([certificate, key, clientCa].map((path) => readFile(path)));
  const open = new Set<Socket>();
  const settings = { cert, key: keyBytes, ca, requestCert: true, rejectUnauthorized: true };
  const door = createTlsServer(settings, (outside) => {
    const inside = connect({ port, host: '127.0.0.1' });
    for (const socket of [outside, inside]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [outside, inside].map((one) => one.destroy()));
    }
    outside.pipe(inside).pipe(outside);
  });
  door.on('tlsClientError', () => {});
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const close = (): void => {
    for (const socket of open) socket.destroy();
    door.close();
  };
  return { port: (door.address() as { port: number }).port, close };
}
