import type { AcceptanceReport, AcceptanceVerdict, PairedQuantity } from '../contract/acceptance.ts';
import type { ModelsReport } from '../contract/modelStates.ts';
import { isDecibel, quantityWords, withUnit } from './words.ts';

/** What the report says, as text and tables: its page and its PDF set the same. */
export type AcceptanceSection = ModelsReport['sections'][number];

export const OUTCOME_WORDS: Readonly<Record<AcceptanceVerdict['outcome'], string>> = {
  passed: 'passed',
  failed: 'FAILED',
  'not-judged': 'not judged',
};

/** `Acceptance of my-model 1.0.0: passed`. */
export function acceptanceTitle({ tuned, passed }: AcceptanceReport): string {
  return `Acceptance of ${tuned.id} ${tuned.version}: ${passed ? 'passed' : 'not passed'}`;
}

/** All sections but the pictures, in the order of reading: verdict, statistics, patients, what and how. */
export function acceptanceSections(report: AcceptanceReport, sha256: string): AcceptanceSection[] {
  return [
    verdictSection(report),
    statisticsSection(report),
    ...patientSections(report),
    sliceSection(report),
    modelsSection(report, sha256),
    testSetSection(report),
    { title: 'How it was measured', notes: HOW },
  ];
}

function verdictSection({ verdicts, failures, thresholds, begun }: AcceptanceReport): AcceptanceSection {
  return {
    title: 'Verdict',
    table: {
      columns: ['Outcome', 'Threshold', 'Why it was set'],
      textColumns: 3,
      rows: verdicts.map(({ outcome, words, threshold }) => [
        OUTCOME_WORDS[outcome],
        words,
        threshold.because ?? '',
      ]),
    },
    notes: [
      ...failures.map((said) => `Not passed: ${said}`),
      `Thresholds: ${thresholds.file}, SHA-256 ${thresholds.sha256}, last changed ${time(thresholds.modified)}, read ${time(thresholds.read)}; judging began ${time(begun)}.`,
      ...(thresholds.content.note === undefined ? [] : [thresholds.content.note]),
    ],
  };
}

function statisticsSection({ statistics, testSet }: AcceptanceReport): AcceptanceSection {
  const shown = statistics.filter(({ n, basis }) => n > 0 && basis !== 'tuned');
  return {
    title: 'Over patients',
    table: {
      columns: ['Quantity', 'Less', 'n', 'Mean', 'SD', '95 % interval', 'Lowest', 'Highest', 'p'],
      textColumns: 2,
      rows: shown.map((one) => {
        const number = (value: number | null) => numberOf(one, value);
        return [
          quantityWords[one.quantity],
          one.basis === 'difference' ? 'base' : 'zero-filling',
          `${one.n}`,
          number(one.mean),
          number(one.sd),
          one.interval95 === null ? '–' : `${number(one.interval95[0])} … ${number(one.interval95[1])}`,
          number(one.lowest),
          number(one.highest),
          one.wilcoxon === null || one.wilcoxon.n === 0 ? '–' : one.wilcoxon.p.toFixed(3),
        ];
      }),
    },
    notes: [
      `Tuned less base, or less zero-filling, paired by patient (${testSet.patients}); a patient with several scans counts once, by the mean. PSNR in dB: more is better; of errors, less. Intervals: percentile bootstrap of the mean, 5000 resamples, seeded. p: Wilcoxon’s signed-rank test, two-sided, exact up to 25 patients; of n patients it cannot be below 2 / 2ⁿ. Nothing is corrected for the number of tests.`,
      ...(testSet.patients < 6
        ? [
            'With fewer than six patients no p can fall below 0.05, and an interval says little: read the patients one by one.',
          ]
        : []),
    ],
  };
}

function patientSections({ patients }: AcceptanceReport): AcceptanceSection[] {
  const groups = [
    {
      title: 'Each patient: quality',
      quantities: ['psnrInside', 'ssimInside', 'edgeError', 'lesionError', 'consistencyError'],
    },
    {
      title: 'Each patient: where the reference is wrong',
      quantities: ['psnrInside', 'psnrShifted', 'psnrBlank', 'psnrWrong'],
    },
  ] as const;
  return groups.map(({ title, quantities }) => {
    const measured = quantities.filter((quantity) =>
      patients.some(({ methods }) => methods.tuned[quantity] !== null),
    );
    return {
      title,
      notes: [],
      table: {
        columns: ['Patient', 'Method', ...measured.map((quantity) => capital(quantityWords[quantity]))],
        textColumns: 2,
        rows: patients.flatMap(({ patient, methods }) =>
          (
            [
              ['zero-filling', methods.zeroFill],
              ['base', methods.base],
              ['tuned', methods.tuned],
            ] as const
          ).map(([name, measures]) => [
            patient,
            name,
            ...measured.map((quantity) => plain(quantity, measures[quantity] ?? null)),
          ]),
        ),
      },
    };
  });
}

function sliceSection({ cases }: AcceptanceReport): AcceptanceSection {
  return {
    title: 'Each slice: tuned less base, PSNR inside',
    table: {
      columns: ['Case', 'Slices', 'Lowest, dB', 'Median, dB', 'Highest, dB', 'Slices that lose'],
      textColumns: 1,
      rows: cases.map(({ name, slices }) => {
        const found = slices
          .flatMap(({ psnrInside: { tuned, base } }) =>
            tuned === null || base === null ? [] : [tuned - base],
          )
          .sort((a, b) => a - b);
        const at = (share: number) => {
          const value = found[Math.round(share * (found.length - 1))];
          return value === undefined ? '–' : signed(value, 2);
        };
        return [name, `${slices.length}`, at(0), at(0.5), at(1), `${found.filter((d) => d < 0).length}`];
      }),
    },
    notes: [
      'Slices of one patient are not independent: they are shown, and never counted as samples. Every slice’s numbers are in acceptance.json.',
    ],
  };
}

function modelsSection(report: AcceptanceReport, sha256: string): AcceptanceSection {
  const { base, tuned, target, reference, scale, device, software, begun, ended } = report;
  const pair = reference === null ? target : `${target} ← ${reference}`;
  const row = (role: string, model: AcceptanceReport['base']) => [
    role,
    model.id,
    model.version,
    model.network,
    model.weightsSha256,
  ];
  return {
    title: 'Models',
    table: {
      columns: ['Role', 'Id', 'Version', 'Network', 'SHA-256 of the weights'],
      textColumns: 5,
      rows: [row('base', base), row('tuned', tuned)],
    },
    notes: [
      `${pair}, ×${scale}, on ${device}; ${software}; from ${time(begun)} to ${time(ended)}.`,
      `acceptance.json beside this page holds every number; its SHA-256 is ${sha256}.`,
    ],
  };
}

function testSetSection({ testSet, cases }: AcceptanceReport): AcceptanceSection {
  return {
    title: 'Test set',
    table: {
      columns: [
        'Case',
        'Patient',
        'Slices',
        'Matrix',
        'Pixel, mm',
        'Lesion voxels',
        'Reference',
        'Wrong reference',
      ],
      textColumns: 2,
      rows: cases.map((one) => [
        one.name,
        one.patient,
        `${one.slices.length}`,
        `${one.columns} × ${one.rows}`,
        one.spacingMm.map((mm) => mm.toFixed(2)).join(' × '),
        one.lesionVoxels === null ? '–' : `${one.lesionVoxels}`,
        one.registration ?? '–',
        one.wrongReference ?? '–',
      ]),
    },
    notes: [
      `${testSet.patients} patients, ${testSet.cases} cases, ${testSet.slices} slices; SHA-256 over the hashes of all files ${testSet.sha256}.`,
      testSet.manifestSha256 === null
        ? 'No manifest of a locked test set was given: that these cases were set aside before the training rests on the models’ cards alone.'
        : `They are the cases of the locked test set, whose manifest has the SHA-256 ${testSet.manifestSha256}.`,
      testSet.leaks.length === 0
        ? 'No file and no patient of it is on the cards of the two models as trained on or chosen by.'
        : `${testSet.leaks.length} of the cases are no unseen ones (see the verdict).`,
    ],
  };
}

const HOW = [
  'Target and reference are each divided by the 99.9th percentile of their voxels above 0 and clipped to 0 … 1. Slices of the acquired plane with more than 10 % foreground count. Each is degraded by k-space truncation and given to the methods as a magnitude image; the reference is registered onto the degraded target.',
  'Inside: more than 3 pixels within the foreground. Edges: of the voxels inside, the tenth with the steepest in-plane gradient of the truth. Errors on edges and in lesions: root mean square of image − truth there.',
  'Inconsistency with the acquired data: the enhanced image degraded again, less the image that was acquired, root mean square over all pixels. The truth itself has 0; zero-filling a little, since the frequency at the rim of k-space has but one half.',
  'Wrong references: shifted by 2 mm along the rows, all 0, and another patient’s (or the own one mirrored front to back). There zero-filling, which uses none, stands with its PSNR inside.',
];

function numberOf({ quantity }: PairedQuantity, value: number | null): string {
  return value === null ? '–' : isDecibel(quantity) ? signed(value, 2) : signed(value, 4);
}

function plain(quantity: PairedQuantity['quantity'], value: number | null): string {
  return value === null ? '–' : isDecibel(quantity) ? value.toFixed(2) : withUnit(quantity, value);
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function time(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')} UTC`;
}
