import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Request } from '../../../src/core/contract/operations.ts';
import type { WebPeer } from '../../../src/core/contract/pacs.ts';
import { multipartTail, partHead } from '../../../src/core/dicom/web/multipart.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { echoOperation } from '../../../src/main/pacs/echoOperation.ts';
import { findOperation } from '../../../src/main/pacs/findOperation.ts';
import { getOperation } from '../../../src/main/pacs/getOperation.ts';
import { storeOperation } from '../../../src/main/pacs/storeOperation.ts';
import { concat } from '../../helpers/dicomBuilder.ts';
import {
  dataSetOf,
  instanceUid,
  receivedUids,
  STUDY_UID,
  seriesUid,
  testInstance,
  writeInstances,
} from './instances.ts';

/** A DICOMweb server that answers as the test says, and what it was asked. */
interface Served {
  readonly peer: WebPeer;
  readonly asked: {
    readonly method: string;
    readonly url: URL;
    readonly headers: IncomingMessage['headers'];
  }[];
}

let root: string;
const servers: { close: () => void }[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-web-'));
  process.env.TANDEM_SETTINGS = join(root, 'settings');
});
afterAll(async () => {
  delete process.env.TANDEM_SETTINGS;
  await rm(root, { recursive: true, force: true });
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Answer = (url: URL, response: ServerResponse, body: Buffer) => void;

async function serve(answer: Answer): Promise<Served> {
  const asked: Served['asked'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://server');
      asked.push({ method: request.method ?? '', url, headers: request.headers });
      answer(url, response, Buffer.concat(parts));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as { port: number };
  return { peer: { kind: 'dicomweb', url: `http://127.0.0.1:${port}/web`, timeoutSeconds: 5 }, asked };
}

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/dicom+json' });
  response.end(JSON.stringify(value));
};
const ui = (value: string) => ({ vr: 'UI', Value: [value] });

describe('DICOMweb', () => {
  it('shows its token to its server and to no other, and never tells it', async () => {
    const elsewhere = await serve((_, response) => json(response, []));
    const { peer, asked } = await serve((url, response) => {
      if (url.pathname.endsWith('/moved/studies')) {
        response.writeHead(307, { location: `${elsewhere.peer.url}/studies` }).end();
      } else if (url.pathname.endsWith('/closed/studies')) response.writeHead(401).end('who are you?');
      else json(response, []);
    });
    const tokenFile = join(root, 'token');
    await writeFile(tokenFile, ' s3cret-token\n');
    const ask = (path: string) =>
      echoOperation({ peer: { ...peer, url: `${peer.url}${path}`, tokenFile } }, QUIET_JOB);
    await ask('');
    expect(asked[0]?.headers.authorization).toBe('Bearer s3cret-token');
    await expect(ask('/moved')).rejects.toMatchObject({
      code: 'refused-by-peer',
      message: expect.stringContaining('another address'),
    });
    expect(elsewhere.asked).toEqual([]);
    const error: unknown = await ask('/closed').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'refused-by-peer',
      message: expect.stringContaining('who are you?'),
    });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret');
  });

  it('is told of each object whether it was stored, and why not', async () => {
    const files = join(root, 'files');
    await writeInstances(files, 4);
    await writeFile(join(files, 'copy.dcm'), testInstance(0));
    const another = testInstance(1);
    another[another.length - 1]! ^= 1;
    await writeFile(join(files, 'other.dcm'), another);
    let bodies: Buffer[] = [];
    const { peer, asked } = await serve((_, response, body) => {
      bodies = [...bodies, body];
      json(
        response,
        {
          '00081199': {
            vr: 'SQ',
            Value: [
              { '00081155': ui(instanceUid(0)) },
              { '00081155': ui(instanceUid(1)), '00081196': { vr: 'US', Value: [45056] } },
            ],
          },
          '00081198': {
            vr: 'SQ',
            Value: [{ '00081155': ui(instanceUid(2)), '00081197': { vr: 'US', Value: [272] } }],
          },
        },
        409,
      );
    });
    const result = await storeOperation({ peer, paths: [files], retries: 0 }, QUIET_JOB);
    expect(result).toMatchObject({ stored: 2, attempts: 1 });
    expect(result.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('copy of'),
      expect.stringContaining('0xB000'),
    ]);
    expect(result.failed.map(({ sopInstanceUid, message }) => [sopInstanceUid, message])).toEqual([
      [instanceUid(1), expect.stringContaining('another object')],
      [instanceUid(2), expect.stringContaining('could not be processed (0x0110)')],
      [instanceUid(3), expect.stringContaining('does not name it')],
    ]);
    expect(asked[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-length': String(bodies[0]?.length) },
    });
    for (const n of [0, 1, 2, 3])
      expect(bodies[0]?.includes(Buffer.from(testInstance(n))), `object ${n}`).toBe(true);
  });

  it('is asked what it holds when a sending goes on: what it lost, and what was written anew, goes again', async () => {
    const files = join(root, 'lost');
    await writeInstances(files, 4);
    const uids = [0, 1, 2, 3].map(instanceUid);
    const held = new Set<string>();
    let refuses: string | undefined = uids[3];
    const sent: string[][] = [];
    const { peer } = await serve((url, response, body) => {
      if (url.pathname.endsWith('/instances')) {
        json(
          response,
          [...held].map((uid) => ({ '00080018': ui(uid) })),
        );
        return;
      }
      const came = uids.filter((uid) => body.includes(uid));
      sent.push(came);
      const stored = came.filter((uid) => uid !== refuses);
      for (const uid of stored) held.add(uid);
      json(response, {
        '00081199': { vr: 'SQ', Value: stored.map((uid) => ({ '00081155': ui(uid) })) },
        '00081198': {
          vr: 'SQ',
          Value: came
            .filter((uid) => uid === refuses)
            .map((uid) => ({ '00081155': ui(uid), '00081197': { vr: 'US', Value: [272] } })),
        },
      });
    });
    const store = () => storeOperation({ peer, paths: [files], retries: 0 }, QUIET_JOB);
    expect(await store()).toMatchObject({ stored: 3, alreadyThere: 0 });
    held.delete(uids[1]!);
    refuses = undefined;
    const anew = testInstance(2);
    anew[anew.length - 1]! ^= 1;
    await writeFile(join(files, '2.dcm'), anew);
    expect(await store()).toMatchObject({ stored: 3, alreadyThere: 1, failed: [] });
    expect(sent).toEqual([uids, [uids[1], uids[2]], [uids[3]]]);
    expect([...held].sort()).toEqual([...uids].sort());
  });

  it('sends one by one where a server refuses a whole request for one object, and reads a 400 that names objects', async () => {
    const files = join(root, 'poison');
    await writeInstances(files, 4);
    const uids = [0, 1, 2, 3].map(instanceUid);
    for (const saysWhich of [false, true]) {
      let requests = 0;
      const { peer } = await serve((_, response, body) => {
        requests++;
        const came = uids.filter((uid) => body.includes(uid));
        const stored = came.filter((uid) => uid !== uids[1]);
        const names = { '00081199': { vr: 'SQ', Value: stored.map((uid) => ({ '00081155': ui(uid) })) } };
        if (stored.length === came.length) json(response, names);
        else json(response, saysWhich ? names : { error: 'bad file' }, 400);
      });
      const result = await storeOperation({ peer, paths: [files], retries: 0 }, QUIET_JOB);
      expect(result).toMatchObject({ stored: 3, attempts: 1 });
      expect(result.failed.map(({ sopInstanceUid, code }) => [sopInstanceUid, code])).toEqual([
        [uids[1], 'refused-by-peer'],
      ]);
      expect(requests).toBe(saysWhich ? 1 : 5);
    }
  });

  it('sends what broke a sending behind the rest', async () => {
    const files = join(root, 'breaks');
    // Two requests: 20 objects and 4.
    await writeInstances(files, 24);
    const stored = new Set<string>();
    const { peer } = await serve((url, response, body) => {
      if (url.pathname.endsWith('/instances')) {
        json(response, []);
        return;
      }
      if (body.includes(`${instanceUid(0)}\0`) || body.includes(`${instanceUid(0)} `)) {
        response.destroy();
        return;
      }
      const came = Array.from({ length: 24 }, (_, n) => instanceUid(n)).filter((uid) => body.includes(uid));
      for (const uid of came) stored.add(uid);
      json(response, { '00081199': { vr: 'SQ', Value: came.map((uid) => ({ '00081155': ui(uid) })) } });
    });
    const store = () => storeOperation({ peer, paths: [files], retries: 0 }, QUIET_JOB);
    await expect(store()).rejects.toMatchObject({ code: 'network-failed' });
    expect(stored.size).toBe(0);
    await expect(store()).rejects.toMatchObject({ message: expect.stringContaining('4 of 24 are there') });
    expect(stored.size).toBeGreaterThanOrEqual(4);
  });

  it('turns pages, and stops at the limit or where a server knows no pages', async () => {
    const all = Array.from({ length: 1200 }, (_, n) => ({ '0020000D': ui(`1.2.${n + 1}`) }));
    const paged = await serve((url, response) => {
      const [offset, limit] = ['offset', 'limit'].map((name) => Number(url.searchParams.get(name) ?? 0));
      json(response, all.slice(offset, offset! + Math.min(limit!, 100)));
    });
    const find = (peer: WebPeer, limit: number) =>
      findOperation({ peer, level: 'study', keys: {}, limit }, QUIET_JOB);
    const found = await find(paged.peer, 5000);
    expect(found.limited).toBe(false);
    expect(new Set(found.matches.map((one) => one.StudyInstanceUID)).size).toBe(1200);
    const some = await find(paged.peer, 150);
    expect(some).toMatchObject({ limited: true });
    expect(some.matches).toHaveLength(150);
    const whole = await serve((_, response) => json(response, all.slice(0, 30)));
    expect((await find(whole.peer, 5000)).matches).toHaveLength(30);
    expect(whole.asked.length).toBeLessThan(3);
  });

  it('fetches again what came broken off, and only that', async () => {
    const out = join(root, 'out');
    let retrievals = 0;
    const { peer, asked } = await serve((url, response) => {
      if (url.pathname.endsWith('/instances')) {
        json(
          response,
          [0, 2, 4].map((n) => ({ '00080018': ui(instanceUid(n)), '0020000E': ui(seriesUid(0)) })),
        );
        return;
      }
      retrievals++;
      const single = /instances\/([\d.]+)$/.exec(url.pathname)?.[1];
      const numbers = single === undefined ? [0, 2, 4] : [0, 2, 4].filter((n) => instanceUid(n) === single);
      const body = concat([
        ...numbers.flatMap((n, at) => [partHead('b', 'application/dicom', at === 0), testInstance(n)]),
        multipartTail('b'),
      ]);
      response.writeHead(200, { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' });
      // The first answer ends in the middle of the third object.
      if (retrievals > 1) response.end(body);
      else response.write(body.subarray(0, body.length - 1000), () => response.destroy());
    });
    const request: Request<'pacsGet'> = {
      peer,
      studyUid: STUDY_UID,
      out,
      method: 'get',
      movePort: 11_112,
      moveFrom: [],
      retries: 2,
    };
    expect(await getOperation(request, QUIET_JOB)).toMatchObject({
      received: 3,
      present: 0,
      failed: [],
      attempts: 2,
    });
    expect(await receivedUids(out)).toEqual([0, 2, 4].map(instanceUid));
    for (const n of [0, 2, 4]) {
      const received = await readFile(join(out, `${instanceUid(n)}.dcm`));
      expect(Buffer.compare(dataSetOf(received), dataSetOf(testInstance(n)))).toBe(0);
    }
    expect(asked.at(-1)?.url.pathname).toContain(`/instances/${instanceUid(4)}`);
    expect(asked.at(-1)?.headers.accept).toContain('transfer-syntax=*');
    const before = retrievals;
    expect(await getOperation(request, QUIET_JOB)).toMatchObject({ received: 0, present: 3 });
    expect(retrievals).toBe(before);
  });

  it('writes no object whose UID is a path', async () => {
    const out = join(root, 'evil');
    const uid = '../../../escaped';
    const { peer } = await serve((url, response) => {
      if (url.pathname.endsWith('/instances'))
        return json(response, [{ '00080018': ui(uid), '0020000E': ui('1.2') }]);
      response.writeHead(404).end();
    });
    const request: Request<'pacsGet'> = {
      peer,
      studyUid: STUDY_UID,
      out,
      method: 'get',
      movePort: 11_112,
      moveFrom: [],
      retries: 0,
    };
    await expect(getOperation(request, QUIET_JOB)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gives a server up that does not answer, and one that is none', async () => {
    const silent = await serve(() => {});
    const impatient = { ...silent.peer, timeoutSeconds: 0.3 };
    await expect(echoOperation({ peer: impatient }, QUIET_JOB)).rejects.toMatchObject({
      code: 'network-failed',
      message: expect.stringContaining('0.3 s'),
    });
    const page = await serve((_, response) => response.end('<html>Welcome</html>'));
    await expect(echoOperation({ peer: page.peer }, QUIET_JOB)).rejects.toMatchObject({
      code: 'network-failed',
    });
  });
});
