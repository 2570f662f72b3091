import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import { type NiftiHeader, type NiftiImage, parseNifti, parseNiftiHeader } from '../../core/nifti/read.ts';
import type { Volume } from '../../core/volume/volume.ts';
import { readBytes, withFile } from './dicomFile.ts';
import { readError } from './readErrors.ts';

/** Bytes of the largest NIfTI header. */
const HEADER_BYTES = 540;
const MAX_IMAGE_BYTES = 4 * 1024 ** 3;
/**
 * No more than this is inflated from one byte. Deflate itself ends at 1032, which an empty mask does reach:
 * so small results are let through whatever their ratio.
 */
const MAX_INFLATE_RATIO = 200;
const SMALL_INFLATED_BYTES = 512 * 1024 ** 2;
const DEFLATE_LIMIT = 1032;

/** Whether a name is that of a NIfTI image, compressed or not. */
export function isNiftiName(name: string): boolean {
  return /\.(nii|nii\.gz)$/i.test(name);
}

/** Whether a name is that of one half of a NIfTI or ANALYZE pair; DICOM files are called so as well. */
export function isPairName(name: string): boolean {
  return /\.(hdr|img)$/i.test(name);
}

/**
 * The header of a .nii or .nii.gz; of the file no more than its beginning is read.
 * @throws TandemError as `parseNiftiHeader`, and of the file system
 */
export async function readNiftiHeader(path: string): Promise<NiftiHeader> {
  try {
    return parseNiftiHeader(await readStart(path, HEADER_BYTES), path);
  } catch (error) {
    throw readError(error, path);
  }
}

/**
 * A .nii or .nii.gz file, with what its header says of its geometry. What is inflated is bounded by the
 * size that the header declares, and that by what the file can hold.
 * @throws TandemError `truncated`, `bad-header`, `unsupported-format`, `too-large`, and of the file system
 */
export async function readNiftiImage(path: string, signal?: AbortSignal): Promise<NiftiImage> {
  try {
    const header = await readNiftiHeader(path);
    const needed = header.voxOffset + header.size[0] * header.size[1] * header.size[2] * header.type.bytes;
    const { fileBytes, compressed } = await withFile(path, async (file, bytes) => ({
      fileBytes: bytes,
      compressed: isGzip(await readBytes(file, 2)),
    }));
    checkSize(needed, fileBytes, compressed);
    return parseNifti(await readStart(path, needed, signal), path);
  } catch (error) {
    throw readError(error, path);
  }
}

/** The volume of a .nii or .nii.gz file (of several volumes, the first). @throws as `readNiftiImage` */
export async function readNiftiFile(path: string): Promise<Volume> {
  return (await readNiftiImage(path)).volume;
}

function checkSize(needed: number, fileBytes: number, compressed: boolean): void {
  if (needed > MAX_IMAGE_BYTES) {
    throw new TandemError('too-large', `The header declares ${Math.round(needed / 2 ** 20)} MB of voxels`, {
      hint: 'Resample the image to fewer voxels first.',
    });
  }
  if (!compressed && needed > fileBytes) {
    throw new TandemError(
      'truncated',
      `The file has ${fileBytes} of the ${needed} bytes that its header declares`,
      {
        hint: 'Copy or export it again.',
      },
    );
  }
  if (!compressed) return;
  if (needed > fileBytes * DEFLATE_LIMIT + HEADER_BYTES) {
    throw new TandemError(
      'truncated',
      `${fileBytes} compressed bytes cannot hold the ${needed} that the header declares`,
      {
        hint: 'Copy or export it again.',
      },
    );
  }
  if (needed > Math.max(SMALL_INFLATED_BYTES, fileBytes * MAX_INFLATE_RATIO)) {
    throw new TandemError('too-large', `${fileBytes} compressed bytes declare ${needed} bytes of voxels`, {
      hint: 'If this is right, inflate the file and open the .nii.',
    });
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The first `count` bytes of a file's content, inflated where it is gzipped; fewer where it ends before. */
async function readStart(path: string, count: number, signal?: AbortSignal): Promise<Uint8Array> {
  const head = await withFile(path, (file) => readBytes(file, 2));
  if (!isGzip(head)) return withFile(path, (file, fileBytes) => readBytes(file, Math.min(count, fileBytes)));
  const out = new Uint8Array(count);
  let done = 0;
  const source = createReadStream(path, { highWaterMark: count <= HEADER_BYTES ? 4096 : 1 << 20 });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      throwIfCancelled(signal);
      const part = chunk.subarray(0, count - done);
      out.set(part, done);
      done += part.length;
      if (done === count) break;
    }
  } catch (error) {
    throw gunzipError(error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  return out.subarray(0, done);
}

function gunzipError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') {
    return new TandemError('truncated', 'The compressed file is cut short', {
      hint: 'Copy or export it again.',
    });
  }
  if (code.startsWith('Z_'))
    return new TandemError('bad-header', 'The file is damaged: it cannot be inflated');
  return error;
}
