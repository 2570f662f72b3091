import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { probeDevice } from '../../src/main/runtime/probe.ts';

/** Where Chromium and Chrome lie on Linux: with them comes SwiftShader, a Vulkan in software. */
const CHROMIUM_FOLDERS = [
  ...(process.env.CHROMIUM_PATH ? [dirname(process.env.CHROMIUM_PATH)] : []),
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
];

/**
 * Environment of a process in which WebGPU runs on software Vulkan (Chromium's SwiftShader), or undefined
 * where none is installed. VK_ICD_FILENAMES names another one.
 */
export function softwareVulkan(): NodeJS.ProcessEnv | undefined {
  const drivers = CHROMIUM_FOLDERS.map((folder) => join(folder, 'vk_swiftshader_icd.json'));
  const icd = process.env.VK_ICD_FILENAMES ?? drivers.find((path) => existsSync(path));
  if (icd === undefined || !existsSync(icd)) return undefined;
  const folder = dirname(icd);
  const loader = existsSync(join(folder, 'libvulkan.so.1')) ? { LD_LIBRARY_PATH: folder } : {};
  return { ...process.env, ...loader, XDG_RUNTIME_DIR: '/tmp', VK_ICD_FILENAMES: icd };
}

export interface WebgpuEnvironment {
  /** Of a process that uses the adapter. */
  readonly environment: NodeJS.ProcessEnv;
  /** In words, which adapter that is. */
  readonly adapter: string;
}

/**
 * Where the tests of WebGPU run: on this machine's own adapter where WebGPU computes rightly with it, since
 * that is what users have; else on software Vulkan, which is also taken where TANDEM_WEBGPU=software asks
 * for it. Throws where there is neither, saying how to get one.
 */
export async function webgpuEnvironment(): Promise<WebgpuEnvironment> {
  const software = softwareVulkan();
  if (process.env.TANDEM_WEBGPU !== 'software') {
    const own = await probeDevice('webgpu', { environment: process.env });
    if (own.works) return { environment: process.env, adapter: 'this machine’s own adapter' };
    if (software === undefined) throw new Error(`${howToGetOne} Its own adapter: ${own.reason}.`);
  }
  if (software === undefined) throw new Error(howToGetOne);
  return { environment: software, adapter: `software Vulkan (${software.VK_ICD_FILENAMES})` };
}

const howToGetOne =
  'WebGPU has no adapter here. Install Chromium or Chrome, whose software Vulkan is used ' +
  '(Debian: apt-get install chromium; elsewhere set CHROMIUM_PATH to its program), or name a Vulkan driver ' +
  'by VK_ICD_FILENAMES.';
