import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTool } from '../../helpers/tools.ts';

/** Other people's programs that read DICOM and say what is wrong with it. */

const here = dirname(fileURLToPath(import.meta.url));

const python = ['/usr/bin/python3', findTool('python3')].find(
  (path) =>
    path !== undefined && spawnSync(path, ['-c', 'import pydicom, numpy'], { stdio: 'ignore' }).status === 0,
);

const needed: Readonly<Record<string, string | undefined>> = {
  dciodvfy: findTool('dciodvfy'),
  dcentvfy: findTool('dcentvfy'),
  dcmdump: findTool('dcmdump'),
  dsrdump: findTool('dsrdump'),
  'python3 with pydicom and numpy': python,
};

/** Judges that are not installed; where there are any, what they would judge is not tested. */
export const missingJudges: readonly string[] = Object.keys(needed).filter(
  (name) => needed[name] === undefined,
);

/** Ends the title of what is skipped without them. */
export const skippedWithout = missingJudges.length === 0 ? '' : ` [skipped: no ${missingJudges.join(', ')}]`;

/** A frame as somebody read it. */
export interface ReadFrame {
  readonly position: readonly number[];
  readonly orientation: readonly number[];
  /** Between rows, between columns. */
  readonly spacing: readonly number[];
  /** SHA-256 of its values: 16 bits, 32-bit floats, or a byte a bit. */
  readonly sha: string;
}

/** An instance, and those of its frames that are meant, from 1; none for all. */
export type ReadReference = readonly [sopInstanceUid: string, frames: readonly number[]];

export interface ReadByPydicom {
  readonly frames: readonly (ReadFrame & {
    /** Rows, columns. */
    readonly size: readonly [number, number];
    /** And whether a pixel of the one is a pixel of the other. */
    readonly sources: readonly (readonly [...ReadReference, preserved: string])[];
  })[];
  /** Farthest from the truth, in stored units. */
  readonly worst: number | null;
  /** Frame, row and column of the largest value, from 0. */
  readonly brightest: readonly [number, number, number];
  readonly labels: readonly string[];
  readonly patient: string;
  /** Private coding schemes that its codes are of, and what it calls them; null where it does not say. */
  readonly schemes: Readonly<Record<string, string | null>>;
  readonly registrations?: readonly {
    readonly matrix: readonly number[];
    readonly images: readonly ReadReference[];
  }[];
  readonly report?: {
    readonly numbers: readonly number[];
    readonly texts: readonly string[];
    readonly names: readonly string[];
    readonly images: readonly ReadReference[];
  };
}

/** Runs one of the Python programs beside this file, `input` as JSON on its stdin. */
export function runPython(program: string, args: readonly string[], input: unknown = null): string {
  const { stdout, stderr, status } = spawnSync(python!, [join(here, program), ...args], {
    encoding: 'utf8',
    input: JSON.stringify(input),
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** What pydicom reads of objects, one process for all of them. */
export function pydicomReads(
  objects: readonly { readonly files: readonly string[]; readonly truth?: string | undefined }[],
): ReadByPydicom[] {
  const asked = objects.map(({ files, truth }) => ({ files, truth }));
  return JSON.parse(runPython('readBack.py', [], asked)) as ReadByPydicom[];
}

const PIXELS = ['7fe0,0010', '7fe0,0008'];

/** What dcmtk reads of the files of an object or series, in their order. `scratch` is made and removed. */
export async function dcmtkReads(files: readonly string[], scratch: string): Promise<ReadFrame[]> {
  await mkdir(scratch);
  const tags = ['0020,0032', '0020,0037', '0028,0030', '0028,0008', '0028,0010', '0028,0011', '0028,0100'];
  const wanted = [...tags, ...PIXELS].flatMap((tag) => ['+P', tag]);
  const frames: ReadFrame[] = [];
  for (const [n, file] of files.entries()) {
    const folder = join(scratch, String(n));
    await mkdir(folder);
    const { stdout, status } = spawnSync(
      needed.dcmdump!,
      ['-q', '+L', '+R', '512', '+W', folder, ...wanted, file],
      {
        encoding: 'latin1',
        maxBuffer: 1 << 28,
      },
    );
    if (status !== 0) throw new Error(`dcmdump does not read ${file}`);
    frames.push(...framesOf(stdout, await pixelsOf(stdout, join(folder, `${basename(file)}.0.raw`))));
  }
  await rm(scratch, { recursive: true });
  return frames;
}

async function pixelsOf(dump: string, raw: string): Promise<Buffer> {
  const floats = /\(7fe0,0008\) OF (\S+)/.exec(dump);
  if (floats === null) return readFile(raw);
  // dcmdump writes integers to a file; floats it prints, with as many digits as tell them apart.
  return Buffer.from(Float32Array.from(floats[1]!.split('\\'), Number).buffer);
}

function framesOf(dump: string, pixels: Buffer): ReadFrame[] {
  const values = (tag: string) =>
    [...dump.matchAll(new RegExp(`^\\(${tag}\\) \\w\\w \\[?([^\\]#]*)`, 'gm'))].map(([, text]) =>
      text!.trim().split('\\').map(Number),
    );
  const one = (tag: string) => values(tag)[0]?.[0];
  const [rows, columns, bits] = ['0028,0010', '0028,0011', '0028,0100'].map((tag) => one(tag)!);
  const size = rows! * columns!;
  return Array.from({ length: one('0028,0008') ?? 1 }, (_, n) => {
    const of = (tag: string) => values(tag)[n] ?? values(tag)[0]!;
    const bytes =
      bits === 1
        ? Uint8Array.from({ length: size }, (_, at) => {
            const bit = n * size + at;
            return (pixels[bit >> 3]! >> (bit & 7)) & 1;
          })
        : pixels.subarray((n * size * bits!) / 8, ((n + 1) * size * bits!) / 8);
    return {
      position: of('0020,0032'),
      orientation: of('0020,0037'),
      spacing: of('0028,0030'),
      sha: createHash('sha256').update(bytes).digest('hex'),
    };
  });
}

/** Lines that dciodvfy calls errors, by file. */
export async function dciodvfyErrors(files: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const found = new Map<string, string[]>();
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const text = await stderrOf(needed.dciodvfy!, [file]);
      // A file that it does not take for an object has no errors either: it must name the class.
      if (
        !/^(MRImage|EnhancedMRImage|LegacyConverted|Segmentation|ParametricMap|Spatial|Compreh)/m.test(text)
      ) {
        throw new Error(`dciodvfy does not know ${file}: ${text.slice(0, 400)}`);
      }
      found.set(
        file,
        (text.match(/^Error.*$/gm) ?? []).map((line) => line.trim()),
      );
    }
  };
  await Promise.all([work(), work()]);
  return found;
}

/** What dcentvfy finds that does not agree among the files of one study; '' where all does. */
export function dcentvfySays(files: readonly string[]): Promise<string> {
  return stderrOf(needed.dcentvfy!, files);
}

/** The matrices of a registration, as dcmtk reads them. */
export function dcmtkMatrices(file: string): number[][] {
  const { stdout } = spawnSync(needed.dcmdump!, ['-q', '+L', '+P', '3006,00c6', file], {
    encoding: 'latin1',
  });
  return [...stdout.matchAll(/ DS \[([^\]]*)\]/g)].map(([, text]) => text!.split('\\').map(Number));
}

function stderrOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('latin1');
    child.stderr.on('data', (piece: string) => {
      text += piece;
    });
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}

/** Reports as dcmtk prints them, codes included. */
export function dsrdumpSays(file: string): { readonly tree: string; readonly problems: string } {
  const { stdout, stderr, status } = spawnSync(needed.dsrdump!, ['+Pc', file], { encoding: 'utf8' });
  // It says of itself that it cannot check text in some sets; it reads it all the same.
  const problems = stderr
    .split('\n')
    .filter((line) => line !== '' && !/^W: .*Specific ?Character ?Set/.test(line))
    .join('\n');
  return { tree: stdout, problems: status === 0 ? problems : `${problems} (exit code ${status})` };
}
