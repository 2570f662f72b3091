/** What of a keyboard event says which key it was; a `KeyboardEvent` is one. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  getModifierState(name: string): boolean;
}

const LETTER = /^\p{L}$/u;

/**
 * A key press as commands name it: modifiers `Mod+Alt+Shift+` in this order, then the key. Shift is named with
 * letters and named keys only: whether `?` or `+` needs it depends on the keyboard. A letter of another script
 * is the Latin one on the same key.
 */
export function keyName(press: KeyPress): string {
  const isLetter = LETTER.test(press.key);
  const latin = /^Key([A-Z])$/.exec(press.code)?.[1];
  const isForeign = isLetter && press.key.charCodeAt(0) > 127 && latin !== undefined;
  const key = isLetter
    ? (isForeign ? latin : press.key).toLowerCase()
    : press.key === ' '
      ? 'Space'
      : press.key;
  // AltGr is Ctrl + Alt to Windows, and part of how the character is typed.
  const isTyped = press.getModifierState('AltGraph') && press.key.length === 1;
  const parts = isTyped
    ? []
    : [press.ctrlKey || press.metaKey ? 'Mod' : '', press.altKey ? 'Alt' : ''].filter((part) => part !== '');
  if (press.shiftKey && (isLetter || press.key.length > 1 || key === 'Space')) parts.push('Shift');
  return [...parts, key].join('+');
}

/** Whether a key is written as `keyName` writes it. */
export function isKeyName(name: string): boolean {
  const match = /^(Mod\+)?(Alt\+)?(Shift\+)?(.|[A-Z][A-Za-z]*\d*)$/u.exec(name);
  if (match === null) return false;
  const [, , , shift, key = ''] = match;
  if (key.length === 1) return key === key.toLowerCase() && (shift === undefined || LETTER.test(key));
  return true;
}
