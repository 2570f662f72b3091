/**
 * The window's own rules: no words in components (they stand in src/renderer/text/, ready for translation), and
 * no colour outside styles/theme.css (so that every theme reaches it).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const root = resolve(fileURLToPath(new URL('../', import.meta.url)));
const renderer = join(root, 'src/renderer');
const theme = 'src/renderer/styles/theme.css';

/** Attributes that are read or heard. */
const SPOKEN =
  /^(aria-(label|description|valuetext|roledescription)|title|alt|placeholder|label|description|summary)$/;
const WORD = /\p{L}{2,}/u;
/** Names of programs are the same in every language. */
const NAMES: ReadonlySet<string> = new Set(['dciodvfy']);
/** Black aside: images lie on it in every theme, and masks are cut with it. */
const COLOUR = /#(?!000\b)[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(/i;

export interface Finding {
  readonly line: number;
  readonly what: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** Words that stand in a component: text between tags, and literals of attributes that are read or heard. */
export function wordsIn(file: string, source: string): Finding[] {
  const found: Finding[] = [];
  const say = (node: Node, words: string): void => {
    if (WORD.test(words) && !NAMES.has(words.trim())) {
      found.push({ line: source.slice(0, node.start).split('\n').length, what: words.trim().slice(0, 60) });
    }
  };
  /** Literals that an expression may come to: both sides of a choice, pieces of a template. */
  const sayLiterals = (node: Node | undefined): void => {
    if (node === undefined || node === null) return;
    if (node.type === 'Literal' && typeof node.value === 'string') say(node, node.value);
    else if (node.type === 'TemplateLiteral') {
      for (const part of node.quasis as Node[]) say(node, (part.value as { raw: string }).raw);
    } else if (node.type === 'ConditionalExpression') {
      sayLiterals(node.consequent as Node);
      sayLiterals(node.alternate as Node);
    } else if (node.type === 'LogicalExpression' || node.type === 'BinaryExpression') {
      const { operator } = node;
      if (operator === '&&') sayLiterals(node.right as Node);
      else if (operator === '||' || operator === '??' || operator === '+') {
        sayLiterals(node.left as Node);
        sayLiterals(node.right as Node);
      }
    }
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    else if (typeof value === 'object' && value !== null && 'type' in value) {
      const node = value as Node;
      if (node.type === 'JSXText') say(node, node.value as string);
      else if (node.type === 'JSXAttribute') {
        const name = (node.name as Node).name;
        const given = node.value as Node | null;
        if (typeof name === 'string' && SPOKEN.test(name) && given !== null) {
          sayLiterals(given.type === 'JSXExpressionContainer' ? (given.expression as Node) : given);
        }
      } else if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
        for (const child of node.children as Node[]) {
          if (child.type === 'JSXExpressionContainer') sayLiterals(child.expression as Node);
        }
      }
      for (const [key, inner] of Object.entries(node)) if (key !== 'parent') visit(inner);
    }
  };
  visit(parseSync(file, source).program);
  return found;
}

/** Colours that are written out; hexadecimal numbers in URLs and comments aside. */
export function coloursIn(source: string): Finding[] {
  const code = source
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1');
  return code.split('\n').flatMap((line, index) => {
    const match = COLOUR.exec(line);
    return match === null ? [] : [{ line: index + 1, what: line.trim().slice(0, 60) }];
  });
}

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.(tsx?|css)$/.test(entry.name)) yield path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let count = 0;
  let wrong = 0;
  for (const path of files(renderer)) {
    const file = relative(root, path).split(sep).join('/');
    const source = readFileSync(path, 'utf8');
    count++;
    const words = /\.tsx$/.test(file) ? wordsIn(file, source) : [];
    // In .ts they are data: colour maps, labels, canvases.
    const colours = file === theme || /\.ts$/.test(file) ? [] : coloursIn(source);
    for (const { line, what } of words)
      console.error(`${file}:${line}: words belong in src/renderer/text: ${what}`);
    for (const { line, what } of colours)
      console.error(`${file}:${line}: colours belong in ${theme}: ${what}`);
    wrong += words.length + colours.length;
  }
  console.error(`window: ${count} files, ${wrong} words or colours out of their place`);
  process.exit(wrong === 0 ? 0 : 1);
}
