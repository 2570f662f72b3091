import { decodeText } from '../charset.ts';
import { encodeText } from '../encodeText.ts';
import { type DataElement, type DataSet, mergeDataSets, text } from './dataSet.ts';
import { T } from './tags.ts';

/**
 * A data set whose texts are all in the character set that it declares. Texts of our own that are not ASCII are
 * written in the sets of the source, where these can say them; otherwise the whole object becomes ISO_IR 192
 * (UTF-8), and what was copied is written anew in it. Nothing is ever replaced by something else; a text that is
 * longer in bytes than its VR allows is cut between characters.
 */
export function inOneCharacterSet(dataSet: DataSet): DataSet {
  if (!dataSet.some(holdsUnicode)) return dataSet;
  return withTexts(dataSet, setsOf(dataSet) ?? []) ?? inUtf8(dataSet);
}

const UTF8 = 'ISO_IR 192';
/** VRs that the character set has a say in (PS3.5, 6.1.2.3). */
const TEXT_VRS: ReadonlySet<string> = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** Of these a backslash is part of the text. */
const UNDIVIDED: ReadonlySet<string> = new Set(['LT', 'ST', 'UT']);
/** Characters that a value may have; many programs count bytes, so that both are kept to. */
const LONGEST: Readonly<Record<string, number>> = { LO: 64, PN: 64, SH: 16, ST: 1024, LT: 10240 };

function holdsUnicode({ value, unicode }: DataElement): boolean {
  return (
    unicode !== undefined || (!(value instanceof Uint8Array) && value.some((item) => item.some(holdsUnicode)))
  );
}

/** Values of Specific Character Set; undefined where the attribute is not there. */
function setsOf(dataSet: DataSet): readonly string[] | undefined {
  const value = dataSet.find(({ tag }) => tag === T.SpecificCharacterSet)?.value;
  if (!(value instanceof Uint8Array)) return undefined;
  return String.fromCharCode(...value)
    .split('\\')
    .map((name) => name.replaceAll(/^[\0 ]+|[\0 ]+$/g, ''));
}

/** Our own texts in these sets; undefined where one of them cannot be said. */
function withTexts(dataSet: DataSet, inherited: readonly string[]): DataSet | undefined {
  const sets = setsOf(dataSet) ?? inherited;
  const elements: DataElement[] = [];
  for (const element of dataSet) {
    const { tag, vr, value, unicode } = element;
    if (unicode !== undefined) {
      const bytes = encodeFitting(unicode, vr, sets);
      if (bytes === undefined) return undefined;
      elements.push({ tag, vr, value: bytes });
    } else if (value instanceof Uint8Array || !holdsUnicode(element)) {
      elements.push(element);
    } else {
      const items = value.map((item) => withTexts(item, sets));
      if (items.includes(undefined)) return undefined;
      elements.push({ tag, vr, value: items as DataSet[] });
    }
  }
  return elements;
}

function inUtf8(dataSet: DataSet): DataSet {
  return mergeDataSets(utf8Texts(dataSet, []), [text(T.SpecificCharacterSet, 'CS', UTF8)]);
}

function utf8Texts(dataSet: DataSet, inherited: readonly string[]): DataSet {
  const sets = setsOf(dataSet) ?? inherited;
  return dataSet.map((element) => {
    const { tag, vr, value, unicode } = element;
    if (unicode !== undefined) return { tag, vr, value: encodeFitting(unicode, vr, [UTF8])! };
    if (!(value instanceof Uint8Array)) return { tag, vr, value: value.map((item) => utf8Texts(item, sets)) };
    // An item may declare a set of its own.
    if (tag === T.SpecificCharacterSet) return text(tag, vr, UTF8);
    if (!TEXT_VRS.has(vr) || value.every((byte) => byte < 0x80 && byte !== ESC)) return element;
    return { tag, vr, value: new TextEncoder().encode(decodeText(value, sets)) };
  });
}

const ESC = 0x1b;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function encodeFitting(unicode: string, vr: string, sets: readonly string[]): Uint8Array | undefined {
  const whole = unicode.replaceAll(LONE_SURROGATES, '');
  const longest = LONGEST[vr];
  if (longest === undefined) return encodeText(whole, sets);
  const values = UNDIVIDED.has(vr) ? [whole] : whole.split('\\');
  const fitting: string[] = [];
  for (const value of values) {
    const characters = [...value];
    let bytes = encodeText(characters.join(''), sets);
    while (bytes !== undefined && bytes.length > longest) {
      characters.pop();
      bytes = encodeText(characters.join(''), sets);
    }
    if (bytes === undefined) return undefined;
    fitting.push(characters.join(''));
  }
  return encodeText(fitting.join('\\'), sets);
}
