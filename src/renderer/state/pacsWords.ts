import type { ErrorData } from '../../core/errors.ts';

/** Of a request that does not fit the contract, what is wrong with it, without where in the request it stands. */
export function wordsOf(error: ErrorData): ErrorData {
  const told = [...error.message.matchAll(/✖ (.+)/g)].map(([, words]) => words);
  return error.code === 'usage' && told.length > 0 ? { ...error, message: told.join('. ') } : error;
}
