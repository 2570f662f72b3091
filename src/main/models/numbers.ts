/** A number to two decimals, without trailing zeros. */
export function number(value: number): string {
  return `${Number(value.toFixed(2))}`;
}

/** A range as text; one number where both ends read the same. */
export function span([low, high]: readonly [number, number]): string {
  return number(low) === number(high) ? number(low) : `${number(low)} to ${number(high)}`;
}
