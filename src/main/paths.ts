import { fileURLToPath } from 'node:url';

/** The application's own folder: both `src/main` and the bundle in `out/main` lie two levels below it. */
const applicationRoot = new URL('../../', import.meta.url);

export const rendererFolder = fileURLToPath(new URL('out/renderer', applicationRoot));
export const shippedModelsFolder = fileURLToPath(new URL('models', applicationRoot));
