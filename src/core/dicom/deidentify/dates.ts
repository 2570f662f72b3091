/** A DA or DT value moved by whole days, in the precision it has; undefined where it is no date. */
export function shiftDate(value: string, days: number): string | undefined {
  const text = value.replaceAll(/^[\0 ]+|[\0 ]+$/g, '');
  if (text === '') return text;
  // YYYY.MM.DD is how ACR-NEMA wrote it; readers must still take it (PS3.5, 6.2).
  const match = /^(\d{4})\.(\d\d)\.(\d\d)()$/.exec(text) ?? /^(\d{4})(?:(\d\d)(?:(\d\d)(.*))?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, rest = ''] = match;
  const known = Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1));
  const asked = new Date(known);
  const isReal =
    asked.getUTCFullYear() === Number(year) &&
    asked.getUTCMonth() === Number(month ?? 1) - 1 &&
    asked.getUTCDate() === Number(day ?? 1);
  // A year below 100 is another one to Date.
  if (!isReal || Number(year) < 100 || !/^[\d.+-]*$/.test(rest)) return undefined;
  const moved = new Date(known + days * 86_400_000).toISOString().replaceAll('-', '');
  const digits = moved.slice(0, day === undefined ? (month === undefined ? 4 : 6) : 8);
  return digits + rest;
}
