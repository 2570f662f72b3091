import { availableParallelism, cpus, freemem, hostname, release, totalmem, userInfo } from 'node:os';
import type { Result } from '../../core/contract/operations.ts';
import type { Workstation } from '../../core/contract/workstation.ts';
import { redact } from '../../core/diagnostics/redact.ts';
import { toErrorData } from '../../core/errors.ts';
import type { JobQueue } from '../jobs/jobQueue.ts';
import type { Library } from '../library/library.ts';
import { rows } from '../library/sqlite.ts';
import { appVersion, dependencyVersion } from '../version.ts';
import type { ErrorLog } from './errorLog.ts';

const MOST_ERRORS = 40;
const MB = 2 ** 20;

/**
 * Versions, machine, devices, models and last errors, for an issue. Answers whatever is broken: what cannot be
 * asked is told as such. Nothing of a patient and no path is in it: messages are redacted with every name that
 * the library knows.
 */
export async function diagnose(
  host: Workstation,
  kept: Library,
  jobs: Pick<JobQueue, 'list'>,
  log: ErrorLog,
): Promise<Result<'diagnostics'>> {
  const [devices, models] = await Promise.all([
    host.call('devices', {}).catch((error: unknown) => toErrorData(error).message),
    host.call('models', {}).catch((error: unknown) => toErrorData(error).message),
  ]);
  const { names, studies, state } = knownNames(kept);
  const clean = (told: string): string => redact(told, names);
  const queued = await jobs.list({ waitMs: 0 }, new AbortController().signal).then(
    (found) => found.jobs,
    () => [],
  );
  return {
    program: {
      version: appVersion,
      shell: process.versions.electron === undefined ? 'node' : 'electron',
      uptimeSeconds: Math.round(process.uptime()),
    },
    versions: {
      node: process.versions.node,
      electron: process.versions.electron ?? null,
      chromium: process.versions.chrome ?? null,
      onnxruntime: dependencyVersion('onnxruntime-node'),
      cornerstone: dependencyVersion('@cornerstonejs/core'),
      elastix: dependencyVersion('@itk-wasm/elastix'),
    },
    system: {
      platform: process.platform,
      release: release(),
      architecture: process.arch,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryMb: Math.round(totalmem() / MB),
      freeMemoryMb: Math.round(freemem() / MB),
      residentMb: Math.round(process.memoryUsage.rss() / MB),
    },
    devices:
      typeof devices === 'string'
        ? []
        : devices.devices.map(({ device, name, available, reason }) => ({
            device,
            name,
            available,
            reason: clean(reason),
          })),
    automatic: typeof devices === 'string' ? null : clean(devices.automatic.reason),
    models:
      typeof models === 'string'
        ? []
        : models.models.map(({ id, version, network, weightsSha256 }) => ({
            id,
            version,
            network,
            weightsSha256,
          })),
    refusedModels:
      typeof models === 'string'
        ? [clean(models)]
        : models.refused.map(({ code, message }) => `${code}: ${clean(message)}`),
    library: {
      studies,
      jobs: Object.fromEntries(
        [...Map.groupBy(queued, (job) => job.state)].map(([name, all]) => [name, all.length]),
      ),
      state: clean(state),
    },
    errors: [
      ...log.errors,
      ...queued.flatMap(({ error, endedAtMs, order }) =>
        error === null
          ? []
          : [{ atMs: endedAtMs ?? 0, operation: order.kind, code: error.code, message: error.message }],
      ),
    ]
      .sort((a, b) => b.atMs - a.atMs)
      .slice(0, MOST_ERRORS)
      .map((error) => ({ ...error, message: clean(error.message) })),
  };
}

/** Everything in the library that could name a patient, and who uses which machine. */
function knownNames(kept: Library): { names: string[]; studies: number; state: string } {
  const own = [hostname(), attempt(() => userInfo().username) ?? ''];
  try {
    const found = kept.use((database) =>
      rows<{ patient_name: string; patient_id: string }>(
        database,
        'SELECT patient_name, patient_id FROM studies',
      ),
    );
    return {
      names: [...own, ...found.flatMap((study) => [study.patient_name, study.patient_id])],
      studies: found.length,
      state: 'ok',
    };
  } catch (error) {
    return { names: own, studies: 0, state: toErrorData(error).message };
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
