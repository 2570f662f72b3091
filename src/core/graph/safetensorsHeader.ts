/** Of the object of tensors, the object of one tensor, and the array of its sizes. */
const DEEPEST = 3;

/**
 * What `JSON.parse` would let pass in the header of a safetensors file, in words, or undefined: a name that
 * an object has twice (it keeps the last one, other readers keep the first: such a file means two things),
 * and values deeper in each other than the format has them (small texts that become large objects).
 *
 * @param json a text that may not be JSON: what is found then does not matter
 */
export function headerFault(json: string): string | undefined {
  /** Names of the objects that are open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let nameNext = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') {
      if (open.length === DEEPEST) return `nests more than ${DEEPEST} deep`;
      open.push(character === '{' ? new Set() : undefined);
      nameNext = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      nameNext = false;
    } else if (character === ',') {
      nameNext = open.at(-1) !== undefined;
    } else if (character === '"') {
      const end = endOfText(json, at);
      const names = open.at(-1);
      if (nameNext && names !== undefined) {
        const name = unescaped(json.slice(at, end));
        if (names.has(name)) return `has the name "${name}" twice`;
        names.add(name);
        nameNext = false;
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Index after the closing quote of the text that begins at `start`. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"' && at < json.length) at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The text in quotes, as JSON has it. Throws where it has it not. */
function unescaped(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
