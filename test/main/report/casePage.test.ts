import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type RequestInput } from '../../../src/core/contract/operations.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { encodePng } from '../../../src/main/evaluation/report/png.ts';
import { library } from '../../../src/main/library/library.ts';
import { change } from '../../../src/main/library/sqlite.ts';
import { phantomOperation } from '../../../src/main/phantom/phantomOperation.ts';
import { casePageOperation } from '../../../src/main/report/casePageOperation.ts';
import { savePictureOperation } from '../../../src/main/report/savePictureOperation.ts';
import { enhanceOperation } from '../../../src/main/superres/enhanceOperation.ts';
import { testModel, writeTestPackage } from '../../helpers/modelPackage.ts';

let root: string;
let id: string;
let homeBefore: string | undefined;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-page-'));
  homeBefore = process.env.TANDEM_HOME;
  process.env.TANDEM_HOME = join(root, 'home');
  await mkdir(join(root, 'guided'));
  await writeTestPackage(join(root, 'guided'), 'guided', testModel('srcnn-guided', 2, { correction: true }));
  const study = { out: join(root, 'study'), matrix: 32, slices: 4, sliceThicknessMm: 20 };
  await phantomOperation(operations.phantom.request.parse(study), QUIET_JOB);
  const request = operations.enhance.request.parse({
    target: { paths: [join(root, 'study')], series: '1' },
    reference: { paths: [join(root, 'study')], series: '2' },
    scale: 2,
    model: join(root, 'guided'),
    device: 'cpu',
    registration: 'none',
  });
  ({ id } = await enhanceOperation(request, QUIET_JOB));
}, 120_000);

afterAll(async () => {
  library().close();
  if (homeBefore === undefined) delete process.env.TANDEM_HOME;
  else process.env.TANDEM_HOME = homeBefore;
  await rm(root, { recursive: true, force: true });
});

async function pageOf(change: Partial<RequestInput<'casePage'>>): Promise<string> {
  const out = change.out ?? join(root, 'page.html');
  const result = await casePageOperation(
    operations.casePage.request.parse({ id, out, ...change }),
    QUIET_JOB,
  );
  expect(operations.casePage.result.parse(result).path).toBe(out);
  return readFile(out, 'utf8');
}

describe('the page of a case', () => {
  it('says which model with its hash made it, how the reference was laid, and what it must not be used for', async () => {
    const html = await pageOf({});
    expect(html).toContain('guided');
    expect(html).toMatch(/Weights \(SHA-256\)<\/th><td>[0-9a-f]{64}</);
    expect(html).toContain('the headers were taken as they are');
    expect(html).toContain('Research use only — not for diagnosis');
    expect(html).toContain('64 × 64 × 4');
  });

  it('has pictures of its own, every enhanced one marked on the picture', async () => {
    const html = await pageOf({});
    expect(html.match(/<figure>/g)).toHaveLength(4);
    expect(html.match(/class="mark">ENHANCED ×2 · guided/g)).toHaveLength(2);
    const [, first = ''] = /base64,([^"]+)"/.exec(html) ?? [];
    const png = Buffer.from(first, 'base64');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 64]);
    const length = png.readUInt32BE(33);
    const lines = inflateSync(png.subarray(41, 41 + length));
    expect(new Set(lines).size).toBeGreaterThan(20);
  });

  it('shows the window’s pictures and measurements instead, whatever they are called', async () => {
    const path = join(root, 'view.png');
    await writeFile(path, encodePng(Uint8Array.of(0, 255), 2, 1, 1));
    const html = await pageOf({
      pictures: [{ title: '<b>Axial</b>', path }],
      measurements: [{ label: 'Lesion <1>', values: [{ name: 'Length', value: '12.3 mm' }] }],
    });
    expect(html.match(/<figure>/g)).toHaveLength(1);
    expect(html).toContain('&lt;b&gt;Axial&lt;/b&gt;');
    expect(html).toContain('Measured: Lesion &lt;1&gt;');
    expect(html).toContain('12.3 mm');
  });

  it('names the patient only where it is asked to, and never as markup', async () => {
    const { studyUid } = await studyRow();
    library().change((database) => {
      change(
        database,
        `INSERT INTO studies (uid, description, date, patient_name, patient_id, words, added_at, opened_at)
         VALUES (?, 'Head', '20240131', 'DOE^<script>alert(1)</script>', 'P-1', '', 0, 0)
         ON CONFLICT (uid) DO UPDATE SET patient_name = excluded.patient_name, patient_id = excluded.patient_id, date = excluded.date`,
        studyUid,
      );
    });
    const without = await pageOf({});
    expect(without).not.toMatch(/DOE|P-1|2024-01-31/);
    const named = await pageOf({ withPatient: true });
    expect(named).toContain('DOE &lt;script&gt;');
    expect(named).toContain('2024-01-31');
    expect(named).not.toContain('<script');
  });

  it('is not written where a picture is none, or the name is not a page’s', async () => {
    const notes = join(root, 'notes.png');
    await writeFile(notes, 'no picture');
    const out = join(root, 'none.html');
    await expect(pageOf({ out, pictures: [{ title: 'x', path: notes }] })).rejects.toMatchObject({
      code: 'not-an-image',
      path: notes,
    });
    await expect(pageOf({ out: join(root, 'page.dcm') })).rejects.toMatchObject({ code: 'usage' });
    await expect(pageOf({ out, id: 'unknown' })).rejects.toMatchObject({ code: 'series-not-found' });
    expect((await readdir(root)).some((name) => name.startsWith('none'))).toBe(false);
  });
});

/** The study of the enhanced series, as its files say. */
async function studyRow(): Promise<{ studyUid: string }> {
  const { openEnhanced } = await import('../../../src/main/superres/openEnhanced.ts');
  const { series } = await openEnhanced(id, QUIET_JOB);
  return { studyUid: series.target.studyUid };
}

describe('a picture of the window', () => {
  it('is saved byte for byte, and nothing else is taken for one', async () => {
    const picture = join(root, 'from.png');
    const bytes = encodePng(Uint8Array.of(1, 2, 3), 3, 1, 1);
    await writeFile(picture, bytes);
    const out = join(root, 'pictures/saved.png');
    expect(await savePictureOperation({ picture, out }, QUIET_JOB)).toEqual({
      path: out,
      bytes: bytes.length,
    });
    expect((await readFile(out)).equals(bytes)).toBe(true);
    const asPage = savePictureOperation({ picture, out: join(root, 'x.html') }, QUIET_JOB);
    await expect(asPage).rejects.toMatchObject({ code: 'usage' });
    const gone = savePictureOperation({ picture: join(root, 'gone.png'), out }, QUIET_JOB);
    await expect(gone).rejects.toMatchObject({ code: 'not-found' });
  });
});
