import { type Element, type Elements, elementsOf } from './dicomBuilder.ts';

/** A sequence of explicit little-endian items, of defined or undefined length. */
export function sq(items: readonly Elements[], length: 'defined' | 'undefined' = 'defined'): Element {
  const parts = items.flatMap((item) => {
    const body = elementsOf(item);
    const head = new DataView(new ArrayBuffer(8));
    head.setUint32(0, 0xe000fffe, true);
    head.setUint32(4, length === 'defined' ? body.length : 0xffffffff, true);
    return [new Uint8Array(head.buffer), body, ...(length === 'defined' ? [] : [delimiter(0xe00d)])];
  });
  const value = Buffer.concat(length === 'defined' ? parts : [...parts, delimiter(0xe0dd)]);
  return {
    vr: 'SQ',
    value: new Uint8Array(value),
    ...(length === 'undefined' && { length: 0xffffffff }),
  };
}

function delimiter(element: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setUint16(0, 0xfffe, true);
  bytes.setUint16(2, element, true);
  return new Uint8Array(bytes.buffer);
}
