import * as z from 'zod';

/** Pages and pictures of a case, for people. */

/** A PNG that lies on the workstation: a window hands its pictures over as it does dropped files. */
const picture = z.object({ title: z.string().max(200), path: z.string() });

/** What was measured in the images: in words and numbers as they are shown. */
const measurement = z.object({
  label: z.string().max(200),
  values: z.array(z.object({ name: z.string().max(200), value: z.string().max(200) })).max(40),
});

/** Writes one page of HTML about an enhanced series: what, by which model, numbers, pictures. */
export const casePage = {
  request: z.object({
    /** Of the enhanced series, in memory or stored. */
    id: z.string(),
    /** A file that ends in .html; what stands there is replaced. */
    out: z.string(),
    /** Name and number of the patient. */
    withPatient: z.boolean().default(false),
    /** None: the workstation makes its own of three slices. */
    pictures: z.array(picture).max(24).default([]),
    measurements: z.array(measurement).max(200).default([]),
  }),
  result: z.object({ path: z.string(), bytes: z.number().int(), pictures: z.number().int() }),
};

/** Puts a picture that a window made where the user wants it. */
export const savePicture = {
  request: z.object({
    picture: z.string(),
    /** A file that ends in .png; what stands there is replaced. */
    out: z.string(),
  }),
  result: z.object({ path: z.string(), bytes: z.number().int() }),
};
