import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { DimsePeer, WebPeer } from '../../src/core/contract/pacs.ts';
import { findTool } from './tools.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';

/** Orthanc's program, where it and its DICOMweb plug-in are on this machine. */
export function findOrthanc(): string | undefined {
  const program = findTool('Orthanc') ?? (existsSync('/usr/sbin/Orthanc') ? '/usr/sbin/Orthanc' : undefined);
  return existsSync(PLUGIN) ? program : undefined;
}

export interface Orthanc {
  readonly dimse: DimsePeer;
  readonly web: WebPeer;
  /** The SOP Instance UIDs that it holds, each as often as it holds it. */
  readonly instances: () => Promise<string[]>;
  /** The file that it holds of an instance. */
  readonly file: (sopInstanceUid: string) => Promise<Uint8Array>;
  /** Ends it at once, as a power cut would. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const ORTHANC_AE = 'ORTHANC';

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/**
 * An Orthanc of the test's own, on free ports of the loopback, its storage below `folder`.
 * @param change over the configuration: TLS, users, modalities
 */
export async function startOrthanc(
  folder: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<Orthanc> {
  const program = findOrthanc();
  if (program === undefined) throw new Error('Orthanc is not here: ask findOrthanc first.');
  const [dicomPort, httpPort] = [await freePort(), await freePort()];
  await mkdir(folder, { recursive: true });
  const configuration = join(folder, 'orthanc.json');
  const settings = {
    Name: 'test',
    StorageDirectory: join(folder, 'storage'),
    IndexDirectory: join(folder, 'storage'),
    Plugins: [PLUGIN],
    HttpPort: httpPort,
    HttpServerEnabled: true,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomPort: dicomPort,
    DicomAet: ORTHANC_AE,
    DicomCheckCalledAet: true,
    DicomAlwaysAllowEcho: true,
    DicomAlwaysAllowStore: true,
    DicomAlwaysAllowFind: true,
    DicomAlwaysAllowGet: true,
    DicomAlwaysAllowMove: true,
    UnknownSopClassAccepted: true,
    ExecuteLuaEnabled: false,
    DicomWeb: { Enable: true, Root: '/dicom-web/', Ssl: false },
    ...change,
  };
  await writeFile(configuration, JSON.stringify(settings));
  const root = `http://127.0.0.1:${httpPort}`;
  let child: ChildProcess | undefined;
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const start = async (): Promise<void> => {
    let said = '';
    const running = spawn(program, [configuration], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = running;
    for (const stream of [running.stdout, running.stderr]) {
      stream.on('data', (data: Buffer) => {
        said = `${said}${data}`.slice(-8000);
      });
    }
    for (let waited = 0; !said.includes('Orthanc has started'); waited += 50) {
      if (running.exitCode !== null || waited > 60_000) throw new Error(`Orthanc did not start: ${said}`);
      await setTimeout(50);
    }
  };
  const json = async (path: string): Promise<unknown> => {
    const response = await fetch(`${root}${path}`, { headers: authorization(settings) });
    if (!response.ok) throw new Error(`Orthanc ${path}: ${response.status}`);
    return response.json();
  };
  const idsByUid = async (): Promise<[string, string][]> => {
    const instances = (await json('/instances?expand')) as {
      ID: string;
      MainDicomTags: Record<string, string>;
    }[];
    return instances.map((one) => [one.MainDicomTags.SOPInstanceUID ?? '', one.ID]);
  };
  await start();
  return {
    dimse: {
      kind: 'dimse',
      host: '127.0.0.1',
      port: dicomPort,
      calledAeTitle: ORTHANC_AE,
      callingAeTitle: 'TANDEM',
      timeoutSeconds: 30,
    },
    web: { kind: 'dicomweb', url: `${root}/dicom-web`, timeoutSeconds: 30 },
    instances: async () => (await idsByUid()).map(([uid]) => uid).sort(),
    file: async (sopInstanceUid) => {
      const id = new Map(await idsByUid()).get(sopInstanceUid);
      const response = await fetch(`${root}/instances/${id}/file`, { headers: authorization(settings) });
      if (!response.ok) throw new Error(`Orthanc has no ${sopInstanceUid}: ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    kill: () => end('SIGKILL'),
    start,
    stop: () => end('SIGTERM'),
  };
}

function authorization(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  const users = settings.RegisteredUsers as Record<string, string> | undefined;
  const [user] = Object.entries(users ?? {});
  return user === undefined ? {} : { authorization: `Basic ${btoa(user.join(':'))}` };
}
