import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operations } from '../../../src/core/contract/operations.ts';
import type { DeidentifyOption } from '../../../src/core/dicom/deidentify/options.ts';
import { mergeDataSets, text } from '../../../src/core/dicom/derived/dataSet.ts';
import { NO_UNITS, parametricMapDataSet, QUANTITIES } from '../../../src/core/dicom/derived/parametricMap.ts';
import { planesOfStack } from '../../../src/core/dicom/derived/planes.ts';
import { segmentationDataSet } from '../../../src/core/dicom/derived/segmentation.ts';
import { SEGMENT_MEANINGS } from '../../../src/core/dicom/derived/segmentCodes.ts';
import { spatialRegistrationDataSet } from '../../../src/core/dicom/derived/spatialRegistration.ts';
import {
  MEASURED,
  structuredReportDataSet,
  UNITS,
} from '../../../src/core/dicom/derived/structuredReport.ts';
import { SEGMENTATION_STORAGE } from '../../../src/core/dicom/derived/uids.ts';
import { QUIET_JOB } from '../../../src/core/job.ts';
import { rigidMotion } from '../../../src/core/phantom/geometry.ts';
import { deidentifyOperation } from '../../../src/main/deidentify/deidentifyOperation.ts';
import { findTool } from '../../helpers/tools.ts';
import { FACTS, phantomSources, writeDicom } from '../export/companionSeries.ts';
import { items } from '../export/readBack.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tandem-deidentified-companions-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const SERIES_NAMES = { seg: 'segmentation', map: 'map', reg: 'registration', sr: 'measurements' } as const;
const dciodvfy = findTool('dciodvfy');
const dsrdump = findTool('dsrdump');

it.skipIf(dciodvfy === undefined || dsrdump === undefined)(
  'companions are still what their classes want them to be, and the person is gone [needs dciodvfy and dcmtk]',
  { timeout: 120_000 },
  async () => {
    const [target, reference] = await phantomSources(join(root, 'study'), {
      contrasts: ['t2', 't1'],
      slices: 3,
    });
    const { source, stack } = target!;
    const planes = planesOfStack(stack);
    const algorithm = { type: 'AUTOMATIC', name: 'Net', version: '1.0.0' } as const;
    const labels = stack.slices.map(({ pixels }) => Uint8Array.from(pixels, (_, n) => (n % 5 === 0 ? 1 : 0)));
    const segmentation = { studyUid: source.studyUid, seriesUid: FACTS.seriesUid };
    const objects = {
      seg: segmentationDataSet(
        source,
        { planes, slices: labels },
        [{ value: 1, label: 'Lesion', ...SEGMENT_MEANINGS.lesion!, algorithm }],
        FACTS,
      ),
      map: parametricMapDataSet(
        source,
        { planes, slices: stack.slices.map(({ pixels }) => pixels) },
        { quantity: QUANTITIES.probability, units: NO_UNITS, label: 'p', explanation: 'Probability' },
        FACTS,
      ),
      reg: spatialRegistrationDataSet(source, reference!.source, rigidMotion([1, 2, 3], [4, 5, 6]), FACTS),
      sr: structuredReportDataSet(
        source,
        {
          person: 'Canary^Jane',
          groups: [
            {
              trackingId: 'lesion 1',
              trackingUid: '2.25.901',
              source,
              segment: {
                number: 1,
                segmentation: {
                  ...segmentation,
                  sopClassUid: SEGMENTATION_STORAGE,
                  sopInstanceUid: FACTS.sopInstanceUid,
                },
              },
              measurements: [{ name: MEASURED.volume, value: 3.2, units: UNITS.ml }],
            },
          ],
        },
        FACTS,
      ),
    };
    for (const [name, made] of Object.entries(objects)) {
      const folder = join(root, name);
      const description = text(
        0x0008103e,
        'LO',
        `Tandem MR ${SERIES_NAMES[name as keyof typeof objects]} RUO`,
      );
      await writeDicom(folder, 'a.dcm', mergeDataSets(made, [description]));
      for (const options of [[], ['clean-structured-content', 'shift-dates']] as DeidentifyOption[][]) {
        const out = join(root, `${name}-${options.length}`);
        await deidentifyOperation(
          operations.deidentify.request.parse({ paths: [folder], out, options }),
          QUIET_JOB,
        );
        const [file] = (await readdir(out, { recursive: true })).filter((one) => one.endsWith('.dcm'));
        const path = join(out, file!);
        expect(spawnSync(dciodvfy!, [path], { encoding: 'utf8' }).stderr, name).not.toMatch(/Error/);
        const set = dicomParser.parseDicom(await readFile(path));
        expect(set.string('x0008103e'), name).toBe(
          `Tandem MR ${SERIES_NAMES[name as keyof typeof objects]} RUO`,
        );
        const said = items(set, 'x0018a001').map((item) => item.string('x0018a003'));
        expect(said, name).toContain('Research use only, not for diagnosis');
        if (name !== 'sr') continue;
        const { stdout, status } = spawnSync(dsrdump!, [path], { encoding: 'utf8' });
        expect(status).toBe(0);
        expect(stdout).not.toMatch(/Canary/i);
        expect(stdout.includes('"3.2" (ml,UCUM')).toBe(options.length > 0);
      }
    }
  },
);
