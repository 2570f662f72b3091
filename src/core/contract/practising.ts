import * as z from 'zod';

/**
 * The study of the tour: a digital head in T2 (the target, coarse) and T1 (the reference, fine, moved), in the data
 * folder. Made when it is first asked for; always the same.
 */
export const practice = {
  request: z.object({}),
  result: z.object({ path: z.string() }),
};
