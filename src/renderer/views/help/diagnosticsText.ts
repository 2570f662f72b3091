import type { Result } from '../../../core/contract/operations.ts';
import { redact } from '../../../core/diagnostics/redact.ts';
import { useApp } from '../../state/store.ts';
import { windowErrors } from '../../state/windowErrors.ts';

/**
 * Diagnostics as text for an issue. Not translated: who reads issues must be able to. What the window adds is
 * redacted with the names of the studies that are open.
 */
export function diagnosticsText(found: Result<'diagnostics'>): string {
  const { program, versions, system, devices, automatic, models, refusedModels, library, errors } = found;
  const { shell, studies } = useApp.getState();
  const names = studies.flatMap(({ patientName, patientId }) => [patientName, patientId]);
  const jobs = Object.entries(library.jobs).map(([state, count]) => `${count} ${state}`);
  const at = (atMs: number): string => new Date(atMs).toISOString();
  return [
    `Tandem MR ${program.version}, ${shell === 'electron' ? 'Electron window' : 'browser'}, up ${program.uptimeSeconds} s`,
    Object.entries(versions)
      .flatMap(([name, version]) => (version === null ? [] : [`${name} ${version}`]))
      .join(', '),
    `${system.platform} ${system.release} ${system.architecture}; ${system.processor}, ${system.cores} threads; ` +
      `memory ${system.memoryMb} MB, free ${system.freeMemoryMb} MB, main process ${system.residentMb} MB`,
    `Window: ${navigator.userAgent}`,
    `WebGL: ${webglRenderer()}; ${window.innerWidth} × ${window.innerHeight} at ${window.devicePixelRatio}`,
    '',
    'Devices',
    ...devices.map(({ name, available, reason }) => `  ${available ? '+' : '-'} ${name}: ${reason}`),
    ...(automatic === null ? ['  not known'] : [`  automatic: ${automatic}`]),
    '',
    'Models',
    ...models.map(
      ({ id, version, network, weightsSha256 }) => `  ${id} ${version} ${network} ${weightsSha256}`,
    ),
    ...refusedModels.map((words) => `  refused: ${words}`),
    '',
    `Library: ${library.state}, ${library.studies} studies; jobs: ${jobs.join(', ') || 'none'}`,
    '',
    'Last errors',
    ...errors.map(({ atMs, operation, code, message }) => `  ${at(atMs)} ${operation}: ${code}: ${message}`),
    ...windowErrors().map(({ atMs, message }) => `  ${at(atMs)} window: ${redact(message, names)}`),
    ...(errors.length + windowErrors().length === 0 ? ['  none'] : []),
    '',
  ].join('\n');
}

/** What draws the images: the graphics card's driver, or a software one. */
function webglRenderer(): string {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null) return 'none';
  const named = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = context.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return String(name);
}
