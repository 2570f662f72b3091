import { describe, expect, it } from 'vitest';
import { layerViolations } from '../../scripts/checkLayers.ts';

describe('the layer rule', () => {
  it.each([
    ['src/core/volume/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['src/core/volume/a.ts', "import { x } from '../../main/studies/scan.ts';"],
    ['src/core/volume/a.ts', "import React from 'react';"],
    ['src/renderer/views/a.tsx', "import { x } from '../../main/paths.ts';"],
    ['src/renderer/views/a.tsx', "const x = await import('node:fs');"],
    ['src/preload/index.ts', "export { x } from '../renderer/state/store.ts';"],
    ['src/main/studies/a.ts', "import { app } from 'electron';"],
    ['src/main/studies/a.ts', "import type { x } from '../../renderer/text.ts';"],
  ])('%s may not hold %s', (file, text) => {
    expect(layerViolations(file, text)).toHaveLength(1);
  });

  it.each([
    ['src/core/volume/a.ts', "import * as z from 'zod';\nimport { add } from './vec.ts';"],
    ['src/main/studies/a.ts', "import fs from 'node:fs';\nimport { add } from '../../core/volume/vec.ts';"],
    ['src/main/shell/electronWindow.ts', "import { BrowserWindow } from 'electron';"],
    ['src/preload/index.ts', "import { contextBridge } from 'electron';"],
    ['src/renderer/views/a.tsx', "import { Button } from '@mantine/core';\nimport '../../core/errors.ts';"],
    ['src/core/volume/a.ts', "// import { x } from 'node:fs';"],
  ])('%s may hold %s', (file, text) => {
    expect(layerViolations(file, text)).toEqual([]);
  });
});
