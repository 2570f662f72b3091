import { type DataElement, type DataSet, doubles, mergeDataSets, sequence, shorts } from './dataSet.ts';
import { E } from './enhancedMrTags.ts';
import { doublesOf, itemsOf } from './values.ts';

/** Real-world value of a source = stored value · slope + intercept; of an export = stored value / factor. */
export interface StoredChange {
  readonly slope: number;
  readonly intercept: number;
  readonly factor: number;
  readonly signed: boolean;
}

/**
 * A source frame's Real World Value Mapping for the values that an export stores: it maps the source's own stored
 * values, and is kept, with slope and intercept that say the same of the new ones, where that is so. That is where
 * it is a straight line and complete; a lookup table says nothing of the values between its entries.
 *
 * @returns undefined where nothing true can be said
 */
export function realWorldMapping(group: DataElement, change: StoredChange): DataElement | undefined {
  const items: DataSet[] = [];
  for (const item of itemsOf([group], group.tag)) {
    const [slope] = doublesOf(item, E.RealWorldValueSlope);
    const [intercept] = doublesOf(item, E.RealWorldValueIntercept);
    if (slope === undefined || intercept === undefined) return undefined;
    if (!NEEDED.every((tag) => (item.find((element) => element.tag === tag)?.value.length ?? 0) > 0)) {
      return undefined;
    }
    // Stored value of the source = (new stored value / factor − its intercept) / its slope.
    const perStored = slope / change.slope;
    const [lowest, highest] = change.signed ? [-32768, 32767] : [0, 65535];
    items.push(
      mergeDataSets(
        item.filter(({ tag }) => !REPLACED.has(tag)),
        [
          doubles(E.RealWorldValueSlope, perStored / change.factor),
          doubles(E.RealWorldValueIntercept, intercept - perStored * change.intercept),
          shorts(E.RealWorldValueFirstValueMapped, [lowest], change.signed),
          shorts(E.RealWorldValueLastValueMapped, [highest], change.signed),
        ],
      ),
    );
  }
  return items.length === 0 ? undefined : sequence(group.tag, ...items);
}

/** Type 1 in the macro (PS3.3, C.7.6.16.2.11). */
const NEEDED: readonly number[] = [E.LUTExplanation, E.LUTLabel, E.MeasurementUnitsCodeSequence];
const REPLACED: ReadonlySet<number> = new Set([
  E.RealWorldValueSlope,
  E.RealWorldValueIntercept,
  E.RealWorldValueFirstValueMapped,
  E.RealWorldValueLastValueMapped,
  E.DoubleFloatRealWorldValueFirstValueMapped,
  E.DoubleFloatRealWorldValueLastValueMapped,
]);
