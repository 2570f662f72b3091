import * as z from 'zod';
import { TandemError } from '../errors.ts';

/** Checks a network's options and fills in what is left out. What it returns throws `bad-model`. */
export function optionsParser<Options>(
  network: string,
  schema: z.ZodType<Options>,
): (raw: unknown) => Options {
  return (raw) => {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    throw new TandemError('bad-model', `Options of ${network}: ${z.prettifyError(parsed.error)}`);
  };
}
