import type { DataSet } from './dataSet.ts';
import { numbersOf } from './numbers.ts';
import { sequenceItems } from './sequences.ts';

/** What reading an image asks of a data set, wherever the attributes lie in it. */
export interface Attributes {
  has(tag: number): boolean;
  strings(tag: number): string[];
  string(tag: number): string | undefined;
  words(tag: number): string[];
  text(tag: number): string;
  decimals(tag: number): number[] | undefined;
  decimal(tag: number): number | undefined;
  /** See `numbersOf`. */
  numbers(tag: number, vr: string): number[] | undefined;
}

/**
 * Several data sets as one: of each attribute, the value of the first layer that has it. A frame of an
 * enhanced object is its own functional groups over the shared ones over the data set's top level.
 */
export class Layers implements Attributes {
  readonly #layers: readonly DataSet[];

  constructor(layers: readonly DataSet[]) {
    this.#layers = layers;
  }

  #with(tag: number): DataSet | undefined {
    return this.#layers.find((layer) => layer.has(tag));
  }

  has(tag: number): boolean {
    return this.#with(tag) !== undefined;
  }

  strings(tag: number): string[] {
    return this.#with(tag)?.strings(tag) ?? [];
  }

  string(tag: number): string | undefined {
    return this.#with(tag)?.string(tag);
  }

  words(tag: number): string[] {
    return this.#with(tag)?.words(tag) ?? [];
  }

  text(tag: number): string {
    return this.#with(tag)?.text(tag) ?? '';
  }

  decimals(tag: number): number[] | undefined {
    return this.#with(tag)?.decimals(tag);
  }

  decimal(tag: number): number | undefined {
    return this.#with(tag)?.decimal(tag);
  }

  numbers(tag: number, vr: string): number[] | undefined {
    const layer = this.#with(tag);
    return layer && numbersOf(layer, tag, vr);
  }
  /** See `sequenceItems`. */
  *items(tag: number): Generator<DataSet> {
    const layer = this.#with(tag);
    if (layer !== undefined) yield* sequenceItems(layer, tag);
  }
}
