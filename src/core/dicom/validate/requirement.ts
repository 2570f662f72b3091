import type { DataSet } from '../derived/dataSet.ts';
import { elementOf } from './checkedObject.ts';

/** One line of a module's table in PS3.3: what must be said of an attribute. */
export interface Requirement {
  readonly tag: number;
  /** 1: there, with a value. 2: there, maybe empty. 3: may be absent; what is said of it counts where it is there. */
  readonly type: 1 | 2 | 3;
  /** The condition of types 1C and 2C; without it the attribute is always required. */
  readonly when?: (dataSet: DataSet) => boolean;
  /** Enumerated values: each value is one of these. */
  readonly oneOf?: readonly string[];
  /** Enumerated values by their place, as Image Type has them; an empty list where any value may stand. */
  readonly byPlace?: readonly (readonly string[])[];
  /** Of each item of a sequence. A function where items hold items of their own kind. */
  readonly items?: readonly Requirement[] | (() => readonly Requirement[]);
}

export type Module = readonly Requirement[];

type Said = Omit<Requirement, 'tag' | 'type'>;
export const type1 = (tag: number, said: Said = {}): Requirement => ({ tag, type: 1, ...said });
export const type2 = (tag: number, said: Said = {}): Requirement => ({ tag, type: 2, ...said });
export const type3 = (tag: number, said: Said = {}): Requirement => ({ tag, type: 3, ...said });

/** A condition: one of these attributes is there. */
export const has =
  (...tags: readonly number[]) =>
  (dataSet: DataSet): boolean =>
    tags.some((tag) => elementOf(dataSet, tag) !== undefined);

/** A condition: none of these attributes is there. */
export const lacks =
  (...tags: readonly number[]) =>
  (dataSet: DataSet): boolean =>
    !has(...tags)(dataSet);

/** A functional group macro that an object of many frames has to have (PS3.3, C.7.6.16). */
export interface FunctionalGroup {
  readonly tag: number;
  /** `frame`: never shared, for it differs from frame to frame by what it is. */
  readonly where: 'either' | 'frame';
  readonly items: Module;
  /** The condition of the group; where it does not hold the group may be absent. */
  readonly when?: (dataSet: DataSet) => boolean;
  /** May be there without an item. */
  readonly mayBeEmpty?: boolean;
}
