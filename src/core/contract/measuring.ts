import * as z from 'zod';
import { imageQuality, scaleFactor } from './schemas.ts';

/** Measures model packages on cases whose truth is known, and writes the numbers onto their cards. */
export const modelsMeasure = {
  request: z
    .object({
      /** Ids of shipped models, or paths of packages; of any scale and contrasts. */
      models: z.array(z.string()).min(1),
      /** Folders; each is a case (one NIfTI volume a contrast) or a folder of cases. */
      cases: z.array(z.string()).min(1),
      /** Names of the volumes of a case; what each card says where absent. */
      target: z.string().optional(),
      reference: z.string().optional(),
      /** Again with the reference shifted, turned, blank and of another patient. */
      disturb: z.boolean().default(false),
      /** Case folder whose reference plays the other patient; another case of the list where absent. */
      otherPatient: z.string().optional(),
    })
    .refine((request) => request.disturb || request.otherPatient === undefined, {
      message: 'another patient is for a disturbed reference (--disturb)',
      path: ['otherPatient'],
    }),
  result: z.object({
    /** As they were named; what was measured now, not all that their cards say. */
    models: z.array(
      z.object({
        id: z.string(),
        path: z.string(),
        scale: scaleFactor,
        target: z.string(),
        reference: z.string().nullable(),
        measured: z.array(
          z.object({
            case: z.string(),
            trainedOn: z.boolean(),
            slices: z.number().int(),
            methods: z.record(z.string(), imageQuality),
            disturbed: z.array(
              z.object({ disturbance: z.string(), psnr: z.number(), psnrInside: z.number() }),
            ),
          }),
        ),
        /** Cases that the card has numbers of now. */
        casesOnCard: z.number().int(),
      }),
    ),
    /** Cases that could not be measured, on which models, and why; their old numbers stay. */
    failed: z.array(
      z.object({
        case: z.string(),
        path: z.string(),
        models: z.array(z.string()),
        code: z.string(),
        message: z.string(),
      }),
    ),
    warnings: z.array(z.string()),
  }),
};

/** What a card says of a model's gain over zero-filling, on cases that it was not trained on. */
export const unseenGain = z.object({
  cases: z.number().int(),
  /** Mean over them, dB, inside the foreground. */
  psnrInside: z.number(),
});

export type MeasureResult = z.output<typeof modelsMeasure.result>;
export type UnseenGain = z.infer<typeof unseenGain>;
