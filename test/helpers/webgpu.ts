import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const chromiumIcd = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Environment of a process in which WebGPU runs on software Vulkan (Chromium's SwiftShader), or undefined
 * where none is installed. VK_ICD_FILENAMES names another one.
 */
export function softwareVulkan(): NodeJS.ProcessEnv | undefined {
  const icd = process.env.VK_ICD_FILENAMES ?? chromiumIcd;
  if (!existsSync(icd)) return undefined;
  const folder = dirname(icd);
  const loader = existsSync(join(folder, 'libvulkan.so.1')) ? { LD_LIBRARY_PATH: folder } : {};
  return { ...process.env, ...loader, XDG_RUNTIME_DIR: '/tmp', VK_ICD_FILENAMES: icd };
}
