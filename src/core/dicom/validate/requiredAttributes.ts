import { C } from '../derived/companionTags.ts';
import type { DataElement, DataSet } from '../derived/dataSet.ts';
import type { AttributeDictionary } from '../derived/dictionary.ts';
import { elementOf, itemsOf, nameOf, shortsOf, stringsOf } from './checkedObject.ts';
import type { Note } from './finding.ts';
import type { FunctionalGroup, Module, Requirement } from './requirement.ts';
import { isTextVr } from './valueForms.ts';

/** Content trees nest; a table that calls itself must end. */
const DEEPEST = 32;

/** Holds a data set against the tables of its modules: what must be there, with a value, or with which. */
export function checkModule(
  dataSet: DataSet,
  module: Module,
  settings: { readonly dictionary: AttributeDictionary; readonly note: Note },
  place: readonly number[] = [],
): void {
  if (place.length > DEEPEST) return;
  for (const requirement of module) checkRequirement(dataSet, requirement, settings, place);
}

type Settings = Parameters<typeof checkModule>[2];

function checkRequirement(
  dataSet: DataSet,
  requirement: Requirement,
  settings: Settings,
  place: readonly number[],
): void {
  const { tag, type, when } = requirement;
  const here = [...place, tag];
  const element = elementOf(dataSet, tag);
  if (element === undefined) {
    if (type !== 3 && when?.(dataSet) !== false) {
      settings.note(
        'error',
        'missing',
        here,
        `${nameOf(tag, settings.dictionary)} is missing (type ${type})`,
      );
    }
    return;
  }
  if (isEmpty(element)) {
    if (type === 1 && when?.(dataSet) !== false) {
      settings.note(
        'error',
        'empty',
        here,
        `${nameOf(tag, settings.dictionary)} is empty and must have a value (type 1)`,
      );
    }
    return;
  }
  checkValues(dataSet, requirement, settings, here);
  const { items } = requirement;
  if (items === undefined) return;
  const inside = typeof items === 'function' ? items() : items;
  for (const item of itemsOf(dataSet, tag)) checkModule(item, inside, settings, here);
}

function checkValues(
  dataSet: DataSet,
  { tag, oneOf, byPlace }: Requirement,
  { dictionary, note }: Settings,
  here: readonly number[],
): void {
  if (oneOf === undefined && byPlace === undefined) return;
  const isBinary = elementOf(dataSet, tag)?.vr === 'US';
  const values = isBinary ? shortsOf(dataSet, tag).map(String) : stringsOf(dataSet, tag);
  values.forEach((value, n) => {
    const allowed = oneOf ?? byPlace?.[n];
    if (allowed === undefined || allowed.includes(value)) return;
    if (byPlace !== undefined && allowed.length === 0 && value !== '') return;
    note(
      'error',
      'value-not-allowed',
      here,
      `${nameOf(tag, dictionary)} is “${value}”; it can be ${allowed.join(', ')}`,
    );
  });
  if (byPlace !== undefined && values.length < byPlace.length) {
    note(
      'error',
      'wrong-multiplicity',
      here,
      `${nameOf(tag, dictionary)} has ${values.length} of at least ${byPlace.length} values`,
    );
  }
}

function isEmpty({ vr, value }: DataElement): boolean {
  if (value.length === 0) return true;
  if (!(value instanceof Uint8Array) || !isTextVr(vr)) return false;
  return value.every((byte) => byte === 0x20 || byte === 0);
}

/**
 * Holds the functional groups of an image of many frames against what its class wants: each group once, shared or
 * in every frame.
 */
export function checkFunctionalGroups(
  dataSet: DataSet,
  groups: readonly FunctionalGroup[],
  settings: Settings,
): void {
  const [shared = []] = itemsOf(dataSet, C.SharedFunctionalGroupsSequence);
  const frames = itemsOf(dataSet, C.PerFrameFunctionalGroupsSequence);
  for (const group of groups) {
    const name = nameOf(group.tag, settings.dictionary);
    const isShared = elementOf(shared, group.tag) !== undefined;
    if (isShared) {
      if (group.where === 'frame') {
        settings.note(
          'error',
          'frames',
          [C.SharedFunctionalGroupsSequence, group.tag],
          `${name} is shared and must be in each frame`,
        );
      }
      checkGroup(shared, group, settings, [C.SharedFunctionalGroupsSequence], true);
      continue;
    }
    const isRequired = group.when?.(dataSet) !== false;
    frames.forEach((frame) => {
      checkGroup(frame, group, settings, [C.PerFrameFunctionalGroupsSequence], isRequired);
    });
  }
}

function checkGroup(
  holder: DataSet,
  group: FunctionalGroup,
  settings: Settings,
  place: readonly number[],
  isRequired: boolean,
): void {
  const requirement: Requirement = {
    tag: group.tag,
    type: !isRequired ? 3 : group.mayBeEmpty === true ? 2 : 1,
    items: group.items,
  };
  checkRequirement(holder, requirement, settings, place);
}
