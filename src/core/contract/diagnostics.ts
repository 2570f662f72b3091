import * as z from 'zod';
import { deviceKind } from './schemas.ts';

/** What helps to find out why something does not work, and nothing about patients or where their files lie. */
export const diagnostics = {
  request: z.object({}),
  result: z.object({
    program: z.object({
      version: z.string(),
      shell: z.enum(['electron', 'node']),
      uptimeSeconds: z.number(),
    }),
    versions: z.object({
      node: z.string(),
      electron: z.string().nullable(),
      chromium: z.string().nullable(),
      onnxruntime: z.string(),
      cornerstone: z.string(),
      elastix: z.string(),
    }),
    system: z.object({
      platform: z.string(),
      release: z.string(),
      architecture: z.string(),
      processor: z.string(),
      cores: z.number().int(),
      memoryMb: z.number(),
      freeMemoryMb: z.number(),
      /** Of the main process; the compute host's is its own. */
      residentMb: z.number(),
    }),
    devices: z.array(
      z.object({ device: deviceKind, name: z.string(), available: z.boolean(), reason: z.string() }),
    ),
    /** What `auto` takes, and why; null where the devices could not be asked for. */
    automatic: z.string().nullable(),
    models: z.array(
      z.object({
        id: z.string(),
        version: z.string(),
        network: z.string(),
        /** SHA-256 of the weights. */
        weightsSha256: z.string(),
      }),
    ),
    refusedModels: z.array(z.string()),
    library: z.object({
      studies: z.number().int(),
      jobs: z.record(z.string(), z.number().int()),
      /** How it fares: `ok`, or what is wrong with it. */
      state: z.string(),
    }),
    /** The latest first: of this run, and of jobs that failed before. */
    errors: z.array(
      z.object({ atMs: z.number(), operation: z.string(), code: z.string(), message: z.string() }),
    ),
  }),
};
