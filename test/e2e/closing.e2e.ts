import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  launchBrowser,
  openPage,
  openStudy,
  type RunningShell,
  startShell,
  tandem,
  temporaryFolder,
} from './workstation.ts';

/** Of the study below, in 16 bits a voxel. */
const VOLUME_BYTES = 2 * 96 * 96 * 40;

const PATIENCE = { timeout: 20_000 };

describe('a reader who goes from study to study', () => {
  let browser: Browser;
  let shell: RunningShell;
  let page: Page;
  let session: CDPSession;
  let complaints: string[];
  let folder: { path: string; remove: () => Promise<void> };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await tandem('phantom', '--out', join(folder.path, 'study'), '--matrix', '96', '--slices', '40');
    shell = await startShell(join(folder.path, 'home'));
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser, shell.url));
    await page.addInitScript(countTextures);
    await page.reload();
    await page.locator('.app').waitFor();
    await page.getByText('Connecting to the workstation').waitFor({ state: 'hidden' });
    session = await page.context().newCDPSession(page);
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await shell?.stop();
    await folder?.remove();
  });

  /** Bytes of all array buffers that anything on the page still holds. */
  async function bufferBytes(): Promise<number> {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).backingStorageSize;
  }

  const textures = (): Promise<number> =>
    page.evaluate(() => (window as unknown as { volumeTextures: Set<unknown> }).volumeTextures.size);

  const open = () => openStudy(page, join(folder.path, 'study'));
  const bothAreThere = () => page.locator('[data-volumes="2"]').waitFor({ timeout: 120_000 });
  async function close(): Promise<void> {
    await page.keyboard.press('Control+o');
    await page.getByRole('heading', { name: 'Open a study' }).waitFor();
  }

  it('has both volumes of a study in memory, and none of it when it is closed, whether all was shown or not', async () => {
    // The first study brings the viewer with it.
    await open();
    await bothAreThere();
    await close();
    await expect.poll(textures, PATIENCE).toBe(0);
    const empty = await bufferBytes();
    for (const waits of [true, false, true]) {
      await open();
      await page.locator('.viewport').first().waitFor();
      if (waits) {
        await bothAreThere();
        await expect.poll(textures, PATIENCE).toBe(2);
        expect(await bufferBytes()).toBeGreaterThan(empty + 1.9 * VOLUME_BYTES);
      }
      await close();
      await expect.poll(textures, PATIENCE).toBe(0);
      await expect.poll(bufferBytes, PATIENCE).toBeLessThan(empty + 0.5 * VOLUME_BYTES);
    }
  });

  it('has seen no console error, no failed request and no request to another place', () => {
    expect(complaints).toEqual([]);
  });
});

/** Within the page: holds every texture of a volume that was filled and is not deleted yet. */
function countTextures(): void {
  const alive = new Set<WebGLTexture>();
  const bound = new WeakMap<WebGL2RenderingContext, WebGLTexture | null>();
  const { prototype } = WebGL2RenderingContext;
  const { bindTexture, deleteTexture, texImage3D, texStorage3D } = prototype;
  const fill = (context: WebGL2RenderingContext, target: number): void => {
    const texture = bound.get(context);
    if (target === context.TEXTURE_3D && texture) alive.add(texture);
  };
  prototype.bindTexture = function (target, texture) {
    if (target === this.TEXTURE_3D) bound.set(this, texture);
    bindTexture.call(this, target, texture);
  };
  prototype.deleteTexture = function (texture) {
    if (texture !== null) alive.delete(texture);
    deleteTexture.call(this, texture);
  };
  prototype.texImage3D = function (...filled: unknown[]) {
    fill(this, filled[0] as number);
    (texImage3D as (...all: unknown[]) => void).apply(this, filled);
  };
  prototype.texStorage3D = function (...filled) {
    fill(this, filled[0]);
    texStorage3D.apply(this, filled);
  };
  Object.assign(window, { volumeTextures: alive });
}
