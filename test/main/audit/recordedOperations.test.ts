import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/core/contract/auditing.ts';
import { operations, type RequestInput, type Result } from '../../../src/core/contract/operations.ts';
import { TandemError } from '../../../src/core/errors.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodeNifti } from '../../../src/core/nifti/write.ts';
import { AUDITING, type AuditedOperation } from '../../../src/main/audit/audited.ts';
import { auditShowOperation, auditVerifyOperation } from '../../../src/main/audit/auditOperations.ts';
import { sha256 } from '../../../src/main/audit/entry.ts';
import type { HostOperation } from '../../../src/main/desk/deskOperations.ts';
import { exclusiveOperations, handlers } from '../../../src/main/host/handlers.ts';
import { JobRunner } from '../../../src/main/host/jobRunner.ts';
import type { FromHost } from '../../../src/main/host/protocol.ts';
import { freePort } from '../../helpers/orthanc.ts';
import { person } from '../finetune/people.ts';
import { instanceUid, STUDY_UID, seriesUid, writeInstances } from '../pacs/instances.ts';

/** As a site has it: a folder that is called as the patient is. */
const PATIENT = 'MUELLER^JOERG';
let root: string;
let files: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-recorded-'));
  files = join(root, PATIENT);
  await writeInstances(files, 6);
  process.env.TANDEM_SETTINGS = join(root, 'settings');
});
afterAll(async () => {
  delete process.env.TANDEM_SETTINGS;
  await rm(root, { recursive: true, force: true });
});

type Handlers = ConstructorParameters<typeof JobRunner>[0];
type Answer = Extract<FromHost, { type: 'result' | 'error' }>;

/** An operation as the compute host answers it, and what ends it. */
function begin<N extends HostOperation>(name: N, request: RequestInput<N>, by: Handlers = handlers) {
  const { promise, resolve: answered } = Promise.withResolvers<Answer>();
  const listening = Promise.withResolvers<void>();
  const runner = new JobRunner(by, exclusiveOperations, (message) => {
    if (message.type === 'progress' && message.progress.stage === 'listening') listening.resolve();
    if (message.type === 'result' || message.type === 'error') answered(message);
  });
  const parsed = operations[name].request.parse(request);
  runner.receive({ type: 'call', id: 1, name, request: parsed });
  return {
    answer: promise,
    listening: listening.promise,
    stop: () => runner.receive({ type: 'cancel', id: 1 }),
  };
}

async function done<N extends HostOperation>(name: N, request: RequestInput<N>): Promise<Result<N>> {
  const answer = await begin(name, request).answer;
  if (answer.type === 'result') return answer.result as Result<N>;
  throw new Error(JSON.stringify(answer.error));
}

async function entries(last: number): Promise<AuditEntry['event'][]> {
  const { entries: found } = await auditShowOperation({ last }, QUIET_JOB);
  return found.map(({ event }) => event);
}

async function lastEntry(): Promise<AuditEntry['event']> {
  const [event] = await entries(1);
  // Neither a name, nor a path, nor a UID, whatever was done.
  expect(JSON.stringify(event)).not.toMatch(/MUELLER|JOERG|tandem-recorded|1\.2\.826/i);
  return event!;
}

const uidsOf = (numbers: readonly number[]) => sha256(numbers.map(instanceUid).sort().join('\n'));
const inputsOf = (role: string) =>
  [0, 1].map((n) => ({ role, studySha256: sha256(STUDY_UID), seriesSha256: sha256(seriesUid(n)) }));

/** A request for each recorded operation, with all that must not be written down in it. */
const PATH = `/home/${PATIENT}/1.2.826.0.1`;
const SELECTOR = { paths: [PATH], series: '1.2.826.0.1' };
const PEER = { kind: 'dimse' as const, host: '127.0.0.1', port: 11112, calledAeTitle: 'PACS' };
const REQUESTS: { readonly [N in AuditedOperation]: RequestInput<N> } = {
  enhance: { target: SELECTOR, scale: 2, model: 'x', out: PATH },
  segment: { image: { kind: 'series', series: SELECTOR }, model: 'x', out: PATH },
  export: { id: 'x', out: PATH, format: 'dicom' },
  segmentationExport: { id: 'x', out: PATH },
  exportCompanion: {
    ...{ kind: 'spatial-registration', target: SELECTOR, reference: SELECTOR, transform: PATH, out: PATH },
  },
  convert: { input: PATH, out: `${PATH}.nii` },
  deidentify: { paths: [PATH], out: PATH },
  degrade: { input: PATH, scale: 2, out: PATH },
  register: { fixed: SELECTOR, moving: SELECTOR, out: PATH },
  casePage: { id: 'x', out: PATH },
  savePicture: { picture: PATH, out: PATH },
  pacsStore: { peer: PEER, paths: [PATH] },
  pacsMove: { peer: PEER, studyUid: '1.2.826.0.1', to: 'OTHER' },
  pacsGet: { peer: PEER, studyUid: '1.2.826.0.1' },
  pacsReceive: { out: PATH },
  dataPrepare: { sources: [PATH], target: 't2', out: PATH },
  train: { network: 'srcnn', scale: 2, out: PATH },
  finetune: { base: PATH, cases: [PATH], out: PATH, steps: 1 },
  trainSegmentation: { network: 'x', cases: [PATH], out: PATH },
  modelsImport: { network: 'srcnn', weights: PATH, out: PATH },
  segmentationImport: { onnx: PATH, description: PATH },
};

describe('operations of the compute host', () => {
  it('have an entry where they send, fetch or make something, also where they fail, and none where they only look', async () => {
    for (const name of Object.keys(handlers) as HostOperation[]) {
      const failing = async () => {
        throw new TandemError('not-found', `nothing of ${PATIENT}`, { path: PATH });
      };
      const by = { ...handlers, [name]: async () => failing } as Handlers;
      const runner = new JobRunner(by, new Set(), () => {});
      const before = (await auditVerifyOperation({}, QUIET_JOB)).entries;
      const request = name in REQUESTS ? REQUESTS[name as AuditedOperation] : {};
      runner.receive({ type: 'call', id: 1, name, request: tolerant(name, request) });
      const expected = AUDITING[name] === 'recorded' ? 1 : 0;
      await expect
        .poll(async () => (await auditVerifyOperation({}, QUIET_JOB)).entries - before, { timeout: 20_000 })
        .toBeGreaterThanOrEqual(expected);
      if (expected === 1) {
        await expect.poll(async () => (await entries(1))[0]!.outcome).toBe('failed');
        expect({ name, error: (await lastEntry()).error }).toEqual({ name, error: 'not-found' });
      } else {
        await new Promise((resolved) => setTimeout(resolved, 20));
        expect({ name, entries: (await auditVerifyOperation({}, QUIET_JOB)).entries - before }).toEqual({
          name,
          entries: 0,
        });
      }
    }
    expect((await auditVerifyOperation({}, QUIET_JOB)).ok).toBe(true);
  }, 120_000);

  it('tell of a sending where it went and what, and of a receiver what came from whom', async () => {
    const port = await freePort();
    const receiving = begin('pacsReceive', { out: join(root, 'inbox'), port, host: '127.0.0.1' });
    await receiving.listening;
    const peer = { ...PEER, port, calledAeTitle: 'TANDEM', callingAeTitle: 'SENDER' };
    await done('pacsStore', { peer, paths: [files] });
    const all = [0, 1, 2, 3, 4, 5];
    expect(await lastEntry()).toMatchObject({
      kind: 'sending',
      outcome: 'done',
      inputs: inputsOf('sent'),
      settings: { host: `127.0.0.1:${port}`, aeTitle: 'TANDEM', instances: 6, series: 2, unconfirmed: 0 },
      outputs: { instances: uidsOf(all) },
    });
    receiving.stop();
    await receiving.answer;
    expect(await lastEntry()).toMatchObject({
      kind: 'retrieval',
      outcome: 'done',
      settings: { what: 'sent by others', from: 'SENDER', instances: 6 },
      outputs: { instances: uidsOf(all) },
    });
    // Nobody listens any more.
    const failed = await begin('pacsStore', { peer, paths: [files], retries: 0 }).answer;
    expect(failed.type).toBe('error');
    expect(await lastEntry()).toMatchObject({
      kind: 'sending',
      outcome: 'failed',
      error: 'network-failed',
      settings: { host: `127.0.0.1:${port}`, instances: 0 },
      outputs: {},
    });
    for (const [name, kind] of [
      ['pacsGet', 'retrieval'],
      ['pacsMove', 'sending'],
    ] as const) {
      await begin(name, { peer, studyUid: STUDY_UID, to: 'OTHER', retries: 0 }).answer;
      expect(await lastEntry()).toMatchObject({
        ...{ kind, outcome: 'failed', error: 'network-failed' },
        inputs: [{ studySha256: sha256(STUDY_UID) }],
        settings: { host: `127.0.0.1:${port}` },
      });
    }
  }, 60_000);

  it('tell of copies and pictures from what they were made, and by a hash what was', async () => {
    await done('deidentify', { paths: [files], out: join(root, 'anonymous') });
    expect(await lastEntry()).toMatchObject({
      ...{ kind: 'export', outcome: 'done', inputs: inputsOf('source') },
      settings: { what: 'de-identified copy', written: true, instances: 6, patients: 1 },
      outputs: { instances: uidsOf([0, 1, 2, 3, 4, 5]) },
    });
    await done('convert', { input: files, series: seriesUid(1), out: join(root, `${PATIENT}.nii`) });
    expect(await lastEntry()).toMatchObject({
      ...{ kind: 'export', outcome: 'done', inputs: [inputsOf('series')[1]] },
      settings: { what: 'series as NIfTI', volumes: 1 },
    });
    const image = join(root, `${PATIENT}-t2.nii`);
    await writeFile(image, encodeNifti(person('t2', 1), { dataType: 'float32' }));
    const low = join(root, 'low.nii');
    await done('degrade', { input: image, scale: 2, out: low });
    expect(await lastEntry()).toMatchObject({
      inputs: [{ role: 'image', sha256: sha256(await readFile(image)) }],
      settings: { what: 'degraded image', scale: 2 },
      outputs: { image: sha256(await readFile(low)) },
    });
    const png = Buffer.from(ONE_PIXEL, 'base64');
    await writeFile(join(root, 'screen.png'), png);
    await done('savePicture', { picture: join(root, 'screen.png'), out: join(root, `${PATIENT}.png`) });
    expect(await lastEntry()).toMatchObject({
      ...{ kind: 'export', outcome: 'done', settings: { what: 'picture of the screen' } },
      outputs: { picture: sha256(png) },
    });
  }, 60_000);

  it('are recorded the same where the command line asks for them', async () => {
    const home = join(root, 'home');
    const tandem = (...argv: string[]) => {
      const entry = resolve(import.meta.dirname, '../../../bin/tandem.mjs');
      const env = { ...process.env, TANDEM_HOME: home, TANDEM_SETTINGS: join(root, 'cli-settings') };
      const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...argv], {
        env,
        encoding: 'utf8',
      });
      return { status, stdout, stderr };
    };
    expect(tandem('deidentify', files, '--out', join(root, 'by-command')).status).toBe(0);
    const port = await freePort();
    const sent = tandem(
      'pacs',
      'store',
      files,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--called',
      'PACS',
      '--retries',
      '0',
    );
    expect(sent.stderr).toContain('network-failed');
    const shown = tandem('audit', 'show', '--json');
    const events = (JSON.parse(shown.stdout) as Result<'auditShow'>).entries.map(({ event }) => event);
    expect(events.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'export done',
      'sending started',
      'sending failed',
    ]);
    expect(events[0]!.inputs).toEqual(inputsOf('source'));
    expect(JSON.stringify(events)).not.toMatch(/MUELLER|JOERG|tandem-recorded|1\.2\.826/i);
    expect(tandem('audit', 'verify').status).toBe(0);
  }, 120_000);
});

/** The request as the operation takes it; as it is where a test of ours need not be a right one. */
function tolerant(name: HostOperation, request: unknown): unknown {
  return name in REQUESTS ? operations[name].request.parse(request) : request;
}

const ONE_PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
