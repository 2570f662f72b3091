import { TandemError } from '../../errors.ts';
import { displayText } from '../charset.ts';
import {
  QUERY_ATTRIBUTES,
  QUERY_KEYWORDS,
  type QueryKeyword,
  type QueryValues,
} from '../dimse/queryAttributes.ts';

/** The DICOM JSON model (PS3.18, annex F), of which queries and storage responses are made. */

export type JsonDataSet = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

/** `00100010`, as the JSON model names attributes. */
export function jsonTag(tag: number): string {
  return tag.toString(16).padStart(8, '0').toUpperCase();
}

/** The items of a sequence, none where it is absent. */
export function jsonItems(dataSet: JsonDataSet, tag: number): JsonDataSet[] {
  return (dataSet[jsonTag(tag)]?.Value ?? []).filter(isObject) as JsonDataSet[];
}

/** The values of an attribute as text, joined with backslashes; '' where it has none. */
export function jsonText(dataSet: JsonDataSet, tag: number): string {
  const values = dataSet[jsonTag(tag)]?.Value;
  if (!Array.isArray(values)) return '';
  return values.slice(0, 4096).map(valueText).join('\\');
}

function valueText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (!isObject(value)) return '';
  // A person's name has up to three groups; they are joined as in a data set.
  const groups = ['Alphabetic', 'Ideographic', 'Phonetic'].map((name) => {
    const group = value[name];
    return typeof group === 'string' ? group : '';
  });
  return groups.join('=').replace(/=+$/, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A JSON document as data sets: a query's answer is an array, a storage response one object.
 * @throws TandemError `network-failed` where it is neither
 */
export function parseJsonDataSets(json: string): JsonDataSet[] {
  let parsed: unknown;
  try {
    parsed = json.trim() === '' ? [] : JSON.parse(json);
  } catch {
    parsed = undefined;
  }
  const list = Array.isArray(parsed) ? parsed : [parsed];
  if (!list.every(isObject)) {
    throw new TandemError('network-failed', 'The server’s answer is no DICOM JSON', {
      hint: 'Check that the address is the root of its DICOMweb service.',
    });
  }
  return list as JsonDataSet[];
}

/** Of a data set, the attributes known to queries. */
export function queryValuesOf(dataSet: JsonDataSet): QueryValues {
  const values: Partial<Record<QueryKeyword, string>> = {};
  for (const keyword of QUERY_KEYWORDS) {
    const value = displayText(jsonText(dataSet, QUERY_ATTRIBUTES[keyword].tag));
    if (value !== '') values[keyword] = value;
  }
  return values;
}
