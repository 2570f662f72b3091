import { text } from '../text.ts';

const isMac = (): boolean => /Mac/.test(navigator.platform);

/** A key as it is printed on keyboards: `Mod+Shift+p` as `Ctrl + Shift + P`. */
export function showKey(name: string): string {
  const parts = name === '+' ? ['+'] : name.split(/(?<=[A-Za-z])\+/);
  return parts.map(showPart).join(' + ');
}

/** For `aria-keyshortcuts`: the names of the ARIA specification. */
export function ariaKeys(keys: readonly string[]): string {
  return keys
    .map((name) => name.replace(/^Mod\+/, isMac() ? 'Meta+' : 'Control+').replace(/(^|\+)\+$/, '$1Plus'))
    .join(' ');
}

function showPart(part: string): string {
  if (part === 'Mod') return isMac() ? '⌘' : text.keys.Control;
  if (part in text.keys) return text.keys[part as keyof typeof text.keys];
  return part.length === 1 ? part.toUpperCase() : part;
}
