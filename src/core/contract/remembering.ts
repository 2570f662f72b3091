import * as z from 'zod';
import { MEASUREMENT_KINDS } from '../volume/measurement.ts';
import { deviceChoice, scaleFactor, vec3 } from './schemas.ts';

/**
 * What the window asks the workstation to remember, so that a user comes back to where they were: a browser's
 * own storage is another one at every start, because the port is. One schema a key; what is stored and does
 * not fit its schema any more is forgotten.
 */

/** Where the user is: the study, the task, the pair and the choices for enhancing it. */
export const rememberedSession = z.object({
  paths: z.array(z.string()),
  pathsAreCopies: z.boolean(),
  studyUid: z.string().nullable(),
  task: z.string(),
  targetUid: z.string().nullable(),
  referenceUid: z.string().nullable(),
  /** Null: chosen by fit. */
  modelId: z.string().nullable(),
  scale: scaleFactor,
  device: deviceChoice,
  registration: z.enum(['rigid', 'none']),
  /** The enhanced series that is shown. */
  enhancedId: z.string().nullable(),
  exportFolder: z.string(),
  exportFormat: z.enum(['dicom', 'nifti']),
  panelOpen: z.boolean(),
});
export type RememberedSession = z.infer<typeof rememberedSession>;

/** How images are shown; its shape is the viewer's own affair, which reads it with care. */
export const rememberedView = z.record(z.string(), z.unknown());
export type RememberedView = z.infer<typeof rememberedView>;

/** The user's settings of the window; their shape is the settings' own affair. */
export const rememberedSettings = z.record(z.string(), z.unknown());
export type RememberedSettings = z.infer<typeof rememberedSettings>;

/** What was measured in a study, oldest first. */
export const rememberedMeasurements = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(MEASUREMENT_KINDS),
    plane: z.object({ right: vec3, down: vec3, normal: vec3 }),
    pointsLps: z.array(vec3).min(1),
  }),
);

export const rememberedSchemas = {
  session: rememberedSession,
  view: rememberedView,
  settings: rememberedSettings,
} as const;
export type RememberedKey = keyof typeof rememberedSchemas;

/** Keeps a value under its key, in the place of the one before; null forgets it. */
export const remember = {
  request: z.discriminatedUnion('key', [
    z.object({ key: z.literal('session'), value: rememberedSession.nullable() }),
    z.object({ key: z.literal('view'), value: rememberedView.nullable() }),
    z.object({ key: z.literal('settings'), value: rememberedSettings.nullable() }),
  ]),
  result: z.object({}),
};

export const recall = {
  request: z.object({}),
  result: z.object({
    session: rememberedSession.nullable(),
    view: rememberedView.nullable(),
    settings: rememberedSettings.nullable(),
  }),
};

/** What is remembered of one study, by key: it goes with the study, and is gone when the study is forgotten. */
export const rememberedOfStudySchemas = { measurements: rememberedMeasurements } as const;
export type RememberedOfStudyKey = keyof typeof rememberedOfStudySchemas;

/** Keeps a value of a study under its key, in the place of the one before; null forgets it. */
export const rememberOfStudy = {
  request: z.discriminatedUnion('key', [
    z.object({
      studyUid: z.string().min(1),
      key: z.literal('measurements'),
      value: rememberedMeasurements.nullable(),
    }),
  ]),
  result: z.object({}),
};

export const recallOfStudy = {
  request: z.object({ studyUid: z.string().min(1) }),
  result: z.object({ measurements: rememberedMeasurements.nullable() }),
};
