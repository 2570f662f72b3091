import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Request, Result } from '../../../src/core/contract/operations.ts';
import type { DimsePeer } from '../../../src/core/contract/pacs.ts';
import { decodeCommand, encodeCommand, FIELD } from '../../../src/core/dicom/dimse/command.ts';
import { encodePdu, fragmentHeader, type Pdu, PduSplitter } from '../../../src/core/dicom/dimse/pdu.ts';
import { encodeFileMeta } from '../../../src/core/dicom/fileMeta.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { createRandom } from '../../../src/core/random.ts';
import { readDestinations, removeDestination, saveDestination } from '../../../src/main/pacs/destinations.ts';
import { saveDestinationOperation } from '../../../src/main/pacs/destinationsOperation.ts';
import { echoOperation } from '../../../src/main/pacs/echoOperation.ts';
import { openSecrets } from '../../../src/main/pacs/openSecrets.ts';
import { receiveOperation } from '../../../src/main/pacs/receiveOperation.ts';
import { storeOperation } from '../../../src/main/pacs/storeOperation.ts';
import { makeAuthority, openssl } from '../../helpers/certificates.ts';
import { concat } from '../../helpers/dicomBuilder.ts';
import { freePort } from '../../helpers/orthanc.ts';
import {
  changedInstances,
  dataSetOf,
  instanceUid,
  receivedUids,
  testInstance,
  writeInstances,
} from './instances.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-provider-'));
  process.env.TANDEM_SETTINGS = join(root, 'settings');
});
afterAll(async () => {
  delete process.env.TANDEM_SETTINGS;
  await rm(root, { recursive: true, force: true });
});

interface Receiving {
  readonly peer: DimsePeer;
  readonly port: number;
  readonly ended: Promise<Result<'pacsReceive'>>;
  readonly stop: () => Promise<Result<'pacsReceive'>>;
}
const running: Receiving[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

/** The storage provider, listening on a port of its own until it is stopped. */
async function receive(out: string, change: Partial<Request<'pacsReceive'>> = {}): Promise<Receiving> {
  const controller = new AbortController();
  const listening = Promise.withResolvers<void>();
  const port = await freePort();
  const request = {
    out,
    port,
    host: '127.0.0.1',
    aeTitle: 'TANDEM',
    allow: [],
    timeoutSeconds: 20,
    ...change,
  };
  const ended = receiveOperation(request, {
    signal: controller.signal,
    progress: ({ stage }) => stage === 'listening' && listening.resolve(),
  });
  await Promise.race([listening.promise, ended]);
  const peer: DimsePeer = {
    kind: 'dimse',
    host: '127.0.0.1',
    port,
    calledAeTitle: 'TANDEM',
    callingAeTitle: 'SENDER',
    timeoutSeconds: 20,
  };
  const stop = (): Promise<Result<'pacsReceive'>> => {
    controller.abort();
    return ended;
  };
  const result = { peer, port, ended, stop };
  running.push(result);
  return result;
}

const store = (peer: DimsePeer, paths: string[], retries = 0) =>
  storeOperation({ peer, paths, retries }, QUIET_JOB);

describe('the storage provider', () => {
  it('receives from our own sender byte for byte, whatever stands in the data sets', async () => {
    const [files, out] = [join(root, 'files'), join(root, 'out')];
    const uids = await writeInstances(files, 6);
    // Odd padding, surplus bytes, a length that DICOM has not: nothing of it is ours to mend.
    const odd = concat([
      testInstance(50),
      Uint8Array.of(0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 7, 7),
    ]);
    await writeFile(join(files, 'odd.dcm'), odd);
    const large = concat([testInstance(51), new Uint8Array(3_000_000).map((_, n) => n * 31)]);
    await writeFile(join(files, 'large.dcm'), large);
    await writeFile(join(files, 'notes.txt'), 'not DICOM');
    const { peer, stop } = await receive(out);
    expect(await echoOperation({ peer }, QUIET_JOB)).toMatchObject({
      answeredBy: expect.stringContaining('TANDEM'),
    });
    expect(await store(peer, [files])).toMatchObject({
      stored: 8,
      failed: [],
      refused: [{ path: join(files, 'notes.txt'), code: 'not-an-image' }],
    });
    expect(await store(peer, [join(files, '0.dcm')])).toMatchObject({ stored: 1 });
    expect(await stop()).toMatchObject({ received: 8, repeated: 1, failed: [], associations: 3 });
    expect(await receivedUids(out)).toEqual([...uids, instanceUid(50), instanceUid(51)].sort());
    expect(await changedInstances(out, 6)).toEqual([]);
    for (const [n, sent] of [
      [50, odd],
      [51, large],
    ] as const) {
      const received = await readFile(join(out, `${instanceUid(n)}.dcm`));
      expect(Buffer.compare(dataSetOf(received), dataSetOf(sent))).toBe(0);
    }
  });

  it('lets in whom it is told to, by the right name', async () => {
    const { peer, stop } = await receive(join(root, 'allowed'), { allow: ['FRIEND', 'SENDER'] });
    expect((await echoOperation({ peer }, QUIET_JOB)).milliseconds).toBeGreaterThan(0);
    for (const change of [{ callingAeTitle: 'STRANGER' }, { calledAeTitle: 'ANYONE' }]) {
      const refused = echoOperation({ peer: { ...peer, ...change } }, QUIET_JOB);
      await expect(refused).rejects.toMatchObject({
        code: 'refused-by-peer',
        message: expect.stringContaining('AE title'),
      });
    }
    expect(await stop()).toMatchObject({ associations: 1, rejected: 2 });
  });

  it('ends by itself once it has what it was asked for', async () => {
    const files = join(root, 'three');
    await writeInstances(files, 3);
    const { peer, ended } = await receive(join(root, 'enough'), { instances: 3 });
    await store(peer, [files]);
    expect(await ended).toMatchObject({ received: 3 });
  });

  it('does not take what has no syntax in common, and says so of each file', async () => {
    const files = join(root, 'unknown');
    await writeInstances(files, 2, '1.2.840.10008.1.2.4.999');
    const { peer } = await receive(join(root, 'unknown-out'));
    const { stored, failed } = await store(peer, [files]);
    expect(stored).toBe(0);
    expect(failed).toHaveLength(2);
    expect(failed[0]).toMatchObject({
      code: 'refused-by-peer',
      message: expect.stringContaining('1.2.840.10008.1.2.4.999'),
    });
  });

  it('gets no data set of odd length: it is refused, the rest goes on, and a deflated one ends with a zero', async () => {
    const [files, out] = [join(root, 'odd-length'), join(root, 'odd-length-in')];
    await writeInstances(files, 3);
    await writeFile(join(files, '1.dcm'), concat([testInstance(1), new Uint8Array(1)]));
    const stream = dataSetOf(testInstance(3, '1.2.840.10008.1.2.1.99'));
    const identity = {
      sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
      sopInstanceUid: instanceUid(3),
      transferSyntaxUid: '1.2.840.10008.1.2.1.99',
    };
    const odd = concat([encodeFileMeta(identity), stream, new Uint8Array(1 - (stream.length % 2))]);
    await writeFile(join(files, '3.dcm'), odd);
    const { peer, stop } = await receive(out);
    const result = await store(peer, [files]);
    expect(result).toMatchObject({
      stored: 3,
      failed: [{ sopInstanceUid: instanceUid(1), code: 'bad-header' }],
    });
    await stop();
    const received = dataSetOf(await readFile(join(out, `${instanceUid(3)}.dcm`)));
    expect(Buffer.compare(received, concat([dataSetOf(odd), new Uint8Array(1)]))).toBe(0);
  });

  it('writes nothing outside its folder, whatever a UID says', async () => {
    const out = join(root, 'traversal', 'in');
    const { port, stop } = await receive(out);
    for (const uid of ['../../escaped', '/tmp/escaped', '..\\escaped', '1.2.3/../../escaped', '']) {
      const { status } = await sendRaw(port, uid);
      expect(status, uid).not.toBe(0);
    }
    expect(await sendRaw(port, '1.2.3.4')).toEqual({ status: 0 });
    expect(await stop()).toMatchObject({ received: 1, failed: [{}, {}, {}, {}, {}] });
    expect(await readdir(out)).toEqual(['1.2.3.4.dcm']);
    expect(await readdir(join(root, 'traversal'))).toEqual(['in']);
  });

  it('leaves nothing of an object whose sender breaks off', async () => {
    const out = join(root, 'broken');
    const { port, stop } = await receive(out);
    const socket = await associate(port);
    socket.write(fragments('1.2.3.5', new Uint8Array(5000), false));
    await vi.waitFor(async () =>
      expect((await readdir(out)).some((name) => name.includes('.partial-'))).toBe(true),
    );
    socket.destroy();
    expect(await stop()).toMatchObject({ received: 0 });
    expect(await readdir(out)).toEqual([]);
  });

  it('goes on serving after 300 spoilt conversations', async () => {
    const out = join(root, 'spoilt');
    const { peer, port } = await receive(out, { timeoutSeconds: 1 });
    const random = createRandom(6);
    const whole = concat([associateRequest(), fragments('1.2.3.6', new Uint8Array(500), true)]);
    const send = async (): Promise<void> => {
      const bytes = whole.slice(0, 1 + random.integer(whole.length));
      for (let n = random.integer(6); n >= 0; n--) bytes[random.integer(bytes.length)] = random.integer(256);
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.resume();
      socket.end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    };
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 30; n++) await Promise.all(Array.from({ length: 10 }, send));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
    await vi.waitFor(() => echoOperation({ peer }, QUIET_JOB), { timeout: 10_000 });
    // The last conversations are over for us before they are for the provider.
    await vi.waitFor(
      async () => expect((await readdir(out)).filter((name) => name.includes('partial'))).toEqual([]),
      { timeout: 10_000 },
    );
  }, 120_000);

  it.skipIf(openssl === undefined)(
    'takes by TLS from whom its authority knows [needs openssl]',
    async () => {
      const [ours, theirs] = ['ours', 'theirs'].map((name) => makeAuthority(join(root, 'tls'), name));
      const [server, client] = [ours!.issue('server'), ours!.issue('client')];
      const { peer, stop } = await receive(join(root, 'tls-out'), { tls: { ca: ours!.ca, ...server } });
      const known = { ...peer, tls: { ca: ours!.ca, ...client } };
      expect((await echoOperation({ peer: known }, QUIET_JOB)).answeredBy).toContain('TLS');
      for (const tls of [
        { ca: ours!.ca },
        { ca: ours!.ca, ...theirs!.issue('stranger') },
        { ca: theirs!.ca, ...client },
        undefined,
      ]) {
        await expect(echoOperation({ peer: { ...peer, tls } }, QUIET_JOB)).rejects.toMatchObject({
          code: 'network-failed',
        });
      }
      expect(await stop()).toMatchObject({ associations: 1 });
    },
    120_000,
  );
});

describe('a connection', () => {
  it('that stays silent is given up in time, and one that is cancelled at once', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    try {
      await vi.waitFor(() => expect(silent.listening).toBe(true));
      const { port } = silent.address() as { port: number };
      const peer: DimsePeer = {
        ...{ kind: 'dimse', host: '127.0.0.1', port, calledAeTitle: 'A', callingAeTitle: 'B' },
        timeoutSeconds: 0.3,
      };
      const message = expect.stringContaining('did not answer within 0.3 s');
      await expect(echoOperation({ peer }, QUIET_JOB)).rejects.toMatchObject({
        code: 'network-failed',
        message,
      });
      const controller = new AbortController();
      const patient = { ...peer, timeoutSeconds: 60 };
      const echo = echoOperation({ peer: patient }, { ...QUIET_JOB, signal: controller.signal });
      await setTimeout(100);
      const begun = performance.now();
      controller.abort();
      await expect(echo).rejects.toMatchObject({ code: 'cancelled' });
      expect(performance.now() - begun).toBeLessThan(2000);
    } finally {
      silent.close();
    }
  });

  it('is opened to nobody who was not set up or named', async () => {
    const opened = vi.spyOn(Socket.prototype, 'connect');
    try {
      await expect(echoOperation({ peer: 'Nowhere' }, QUIET_JOB)).rejects.toMatchObject({
        code: 'not-found',
      });
      await expect(
        storeOperation({ peer: 'Nowhere', paths: [root], retries: 3 }, QUIET_JOB),
      ).rejects.toMatchObject({
        code: 'not-found',
      });
      expect(await saveDestination(DESTINATION)).toEqual([DESTINATION]);
      expect(await readDestinations()).toEqual([DESTINATION]);
      await removeDestination(DESTINATION.name);
      expect(opened).not.toHaveBeenCalled();
    } finally {
      opened.mockRestore();
    }
  });
});

const DESTINATION = {
  name: 'Archive',
  kind: 'dimse',
  host: 'pacs.example.org',
  port: 104,
  calledAeTitle: 'ARCHIVE',
  callingAeTitle: 'TANDEM',
  timeoutSeconds: 30,
} as const;

describe('destinations', () => {
  it('keep their order and their names apart, and are the owner’s to lose', async () => {
    await saveDestination(DESTINATION);
    const web = {
      name: 'Web',
      kind: 'dicomweb',
      url: 'https://pacs.example.org/dicom-web',
      timeoutSeconds: 10,
    } as const;
    await saveDestination(web);
    await expect(saveDestination({ ...web, name: 'ARCHIVE' })).rejects.toMatchObject({ code: 'usage' });
    expect(await saveDestination({ ...DESTINATION, port: 11_112 }, 'Archive')).toEqual([
      { ...DESTINATION, port: 11_112 },
      web,
    ]);
    await expect(removeDestination('Nothing')).rejects.toMatchObject({ code: 'not-found' });
    await removeDestination('archive');
    expect(await readDestinations()).toEqual([web]);
  });

  it('do not send a token or password over http but on this machine', async () => {
    const tokenFile = join(root, 'token');
    const open = {
      name: 'Open',
      kind: 'dicomweb',
      url: 'http://pacs.example.org/',
      tokenFile,
      timeoutSeconds: 1,
    } as const;
    await expect(saveDestination(open)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('http'),
    });
    await expect(saveDestination({ ...open, url: 'https://u:p@pacs.example.org/' })).rejects.toMatchObject({
      code: 'usage',
    });
    await saveDestination({ ...open, url: 'http://127.0.0.1:8042/dicom-web' });
    await removeDestination('Open');
  });

  it.skipIf(process.platform === 'win32')('say which of their secrets others may read', async () => {
    const [tokenFile, key] = [join(root, 'open.token'), join(root, 'open.key')];
    const peer = { kind: 'dicomweb', url: 'https://127.0.0.1:1/', timeoutSeconds: 1 } as const;
    const named = { ...peer, tokenFile, tls: { certificate: join(root, 'open.crt'), key } };
    for (const path of [tokenFile, key, named.tls.certificate]) await writeFile(path, 'x', { mode: 0o600 });
    expect(await openSecrets(named)).toEqual([]);
    await chmod(tokenFile, 0o640);
    await chmod(key, 0o604);
    await chmod(named.tls.certificate, 0o644);
    expect(await openSecrets(named)).toEqual([
      expect.stringContaining(`${tokenFile}, which`),
      expect.stringContaining(`${key}, which`),
    ]);
    const saved = { destination: { ...named, name: 'Open secrets' } };
    expect((await saveDestinationOperation(saved, QUIET_JOB)).warnings).toHaveLength(2);
    await removeDestination('Open secrets');
    expect(await openSecrets({ ...peer, passwordFile: join(root, 'absent'), user: 'me' })).toEqual([]);
  });

  it('say so where their file is not what was written', async () => {
    await writeFile(join(root, 'settings', 'destinations.json'), '{"schemaVersion": 9}');
    await expect(readDestinations()).rejects.toMatchObject({ code: 'bad-header' });
    await rm(join(root, 'settings', 'destinations.json'));
  });
});

const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.4';

function associateRequest(): Uint8Array {
  const contexts = [{ id: 1, abstractSyntax: SOP_CLASS, transferSyntaxes: ['1.2.840.10008.1.2.1'] }];
  const request = {
    calledAeTitle: 'TANDEM',
    callingAeTitle: 'RAW',
    maxPduLength: 16_384,
    contexts,
    roles: [],
  };
  return encodePdu({ type: 'associate-request', request });
}

/** A C-STORE as bytes; its data set in one fragment, the last one or not. */
function fragments(uid: string, dataSet: Uint8Array, isLast: boolean): Uint8Array {
  const command = encodeCommand({
    field: FIELD.storeRequest,
    hasDataSet: true,
    affectedSopClassUid: SOP_CLASS,
    messageId: 1,
    affectedSopInstanceUid: uid,
  });
  return concat([
    ...[fragmentHeader({ contextId: 1, isCommand: true, isLast: true }, command.length), command],
    ...[fragmentHeader({ contextId: 1, isCommand: false, isLast }, dataSet.length), dataSet],
  ]);
}

async function associate(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(associateRequest());
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

/** Sends one object under any UID; the status that it is answered with. */
async function sendRaw(port: number, uid: string): Promise<{ status: number | undefined }> {
  const socket = await associate(port);
  const splitter = new PduSplitter(16_384);
  const answer = new Promise<Pdu>((resolve) => {
    socket.on('data', (data) => {
      splitter.push(data);
      const pdu = splitter.next();
      if (pdu !== undefined) resolve(pdu);
    });
  });
  socket.write(fragments(uid, new Uint8Array(100), true));
  const pdu = await answer;
  socket.destroy();
  if (pdu.type !== 'data') return { status: undefined };
  return { status: decodeCommand(pdu.values[0]!.bytes).status };
}
