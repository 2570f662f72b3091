/**
 * The layer rule of docs/architecture.md: core imports nothing outside itself but pure libraries; renderer
 * and preload import core; main imports core; Electron is imported in its own shell only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');

/** Libraries that touch neither Node, nor a page, nor Electron. */
const pureLibraries = new Set(['zod', 'dcmjs', 'dicom-parser']);

/** Files that may import Electron. */
const electronFiles = /^src\/(main\/index\.ts|main\/shell\/electron[A-Za-z]*\.ts|preload\/.*)$/;

const layersBelow: Record<string, readonly string[]> = {
  core: ['core'],
  main: ['main', 'core'],
  renderer: ['renderer', 'core'],
  preload: ['preload', 'core'],
};

export interface LayerViolation {
  readonly file: string;
  readonly imports: string;
  readonly why: string;
}

/** What one file's imports break; `file` is relative to the project, with forward slashes. */
export function layerViolations(file: string, text: string): LayerViolation[] {
  const layer = file.split('/')[1] ?? '';
  const allowed = layersBelow[layer] ?? [];
  const violations: LayerViolation[] = [];
  for (const specifier of importsOf(text)) {
    const say = (why: string) => violations.push({ file, imports: specifier, why });
    if (specifier.startsWith('.')) {
      const target = relative(root, resolve(root, dirname(file), specifier))
        .split(sep)
        .join('/');
      const targetLayer = target.startsWith('src/') ? (target.split('/')[1] ?? '') : '';
      const isPackageJson = target === 'package.json' && layer === 'main';
      if (!allowed.includes(targetLayer) && !isPackageJson)
        say(`${layer} may import ${allowed.join(' and ')} only`);
      continue;
    }
    if (specifier === 'electron' && !electronFiles.test(file))
      say('only the Electron shell imports electron');
    if (layer === 'core' && !pureLibraries.has(packageOf(specifier))) say('core imports pure libraries only');
    if (layer === 'renderer' && specifier.startsWith('node:')) say('the renderer has no Node');
  }
  return violations;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const forms = [
    /\b(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
    /\brequire\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''));
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let count = 0;
  const found: LayerViolation[] = [];
  for (const path of sourceFiles(source)) {
    count++;
    found.push(...layerViolations(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')));
  }
  for (const { file, imports, why } of found) console.error(`${file}: imports ${imports}: ${why}`);
  console.error(`layers: ${count} files, ${found.length} violations`);
  process.exit(found.length === 0 ? 0 : 1);
}
