/**
 * How a sequence is cut for the way back: chunks of about √L tokens, for then the states kept between
 * chunks and those computed again inside one need the same memory. The nearest divisor of L is taken (the
 * side of an image is one), or, where none is within a factor of 2, tokens are added at the end.
 */
export function chunkFor(tokens: number): { readonly chunk: number; readonly padding: number } {
  const aim = Math.sqrt(tokens);
  const distance = (chunk: number) => Math.abs(Math.log(chunk / aim));
  let nearest = 1;
  for (let chunk = Math.ceil(aim / 2); chunk <= 2 * aim; chunk++) {
    if (tokens % chunk === 0 && distance(chunk) < distance(nearest)) nearest = chunk;
  }
  if (distance(nearest) <= Math.LN2) return { chunk: nearest, padding: 0 };
  const chunk = Math.ceil(tokens / Math.ceil(tokens / aim));
  return { chunk, padding: Math.ceil(tokens / chunk) * chunk - tokens };
}
