import { formatTag } from '../tags.ts';

/** The VR of an attribute by PS3.6, `xs` for US or SS, `ox` for OB or OW; undefined for unknown and private ones. */
export type VrDictionary = (tag: number) => string | undefined;

/** The standard's dictionary, loaded when a source without VRs needs it. */
export async function loadVrDictionary(): Promise<VrDictionary> {
  const { default: dcmjs } = await import('dcmjs');
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  return (tag) => ((tag >>> 16) % 2 === 1 ? undefined : dictionary[formatTag(tag)]?.vr);
}

/** The keyword of an attribute by PS3.6; undefined for unknown and private ones. */
export type KeywordDictionary = (tag: number) => string | undefined;

/** The standard's dictionary, loaded when somebody is to be told what an attribute is called. */
export async function loadKeywordDictionary(): Promise<KeywordDictionary> {
  const { default: dcmjs } = await import('dcmjs');
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  return (tag) => dictionary[formatTag(tag)]?.name?.replace('RETIRED_', '');
}

/** What PS3.6 says of an attribute. */
export interface AttributeFacts {
  readonly keyword: string;
  /** As in `VrDictionary`. */
  readonly vr: string;
  /** Value multiplicity: `1`, `2-n`, `3-3n` … */
  readonly vm: string;
}

/** An attribute of PS3.6; undefined for unknown and private ones. */
export type AttributeDictionary = (tag: number) => AttributeFacts | undefined;

/** The standard's dictionary, loaded when a data set is to be held against it. */
export async function loadAttributeDictionary(): Promise<AttributeDictionary> {
  const { default: dcmjs } = await import('dcmjs');
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  return (tag) => {
    const found = (tag >>> 16) % 2 === 1 ? undefined : dictionary[formatTag(tag)];
    if (found?.name === undefined || found.vr === undefined) return undefined;
    return { keyword: found.name.replace('RETIRED_', ''), vr: found.vr, vm: found.vm ?? '' };
  };
}
