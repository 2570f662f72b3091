import { expect, it } from 'vitest';
import { findTool } from '../../helpers/tools.ts';
import { missingJudges } from './judges.ts';

/**
 * Where a judge is missing, the tests that need it are skipped and say so. `.ci/run` installs them all and sets this,
 * so that there nothing is skipped unseen.
 */
const isRequired = process.env.TANDEM_REQUIRE_JUDGES === '1';

it.skipIf(!isRequired)(
  'every judge is here where they are said to be [needs TANDEM_REQUIRE_JUDGES=1]',
  () => {
    expect(missingJudges).toEqual([]);
    expect(
      ['dcm2niix', 'Orthanc', 'pdftotext', 'storescp'].filter((name) => findTool(name) === undefined),
    ).toEqual([]);
  },
);
