import type { FileHandle } from 'node:fs/promises';
import { bitPixels, bitsOfFrame, unpackBits } from '../../core/dicom/bitPixels.ts';
import {
  isSegmentation,
  readSegmentationFrames,
  readSegmentationHeader,
  type SegmentationFrame,
  type SegmentationHeader,
} from '../../core/dicom/derived/readSegmentation.ts';
import { segmentationGrid } from '../../core/dicom/derived/segmentationGrid.ts';
import { pixelFormat } from '../../core/dicom/pixels.ts';
import { TAG } from '../../core/dicom/tags.ts';
import { TandemError, throwIfCancelled } from '../../core/errors.ts';
import type { Grid } from '../../core/volume/grid.ts';
import { type DicomHeader, readBytes, readDicomHeader, readHead, withFile } from './dicomFile.ts';
import { readFramePixels } from './framePixels.ts';
import { readError } from './readErrors.ts';

/** A segmentation as one volume of labels. */
export interface LoadedSegmentation {
  readonly header: SegmentationHeader;
  readonly grid: Grid;
  /** Numbers of segments, 0 for nothing; i fastest. */
  readonly voxels: Uint16Array;
  /** Voxels that several segments claim. They show the one that fills them most, else that of the highest number. */
  readonly overlapping: number;
}

/** A pixel belongs to a segment that fills this much of it, or is this probable there. */
const WHOLE = 0.5;

/**
 * Reads a DICOM Segmentation (binary, fractional or label map) onto the regular grid that its frames lie on. Of a
 * fractional one, what is half of a pixel or more counts.
 * @throws TandemError `not-an-image` where it is none; `bad-geometry`, `too-large`, and as reading DICOM does
 */
export async function readSegmentationFile(path: string, signal: AbortSignal): Promise<LoadedSegmentation> {
  try {
    return await withFile(path, async (file, fileBytes) => {
      const opened = await readDicomHeader(file, fileBytes, await readHead(file, fileBytes));
      if (!isSegmentation(opened.dataSet)) {
        throw new TandemError('not-an-image', 'This DICOM file is no segmentation', {
          hint: 'Choose a DICOM Segmentation (SEG), or a labelmap as NIfTI.',
        });
      }
      return load(file, opened, signal);
    });
  } catch (error) {
    throw readError(error, path);
  }
}

async function load(file: FileHandle, opened: DicomHeader, signal: AbortSignal): Promise<LoadedSegmentation> {
  const header = readSegmentationHeader(opened.dataSet);
  const { rows, columns, count, readFrame } = frameReader(file, opened);
  const frames = readSegmentationFrames(opened.dataSet, header, count);
  const { grid, planeOf } = segmentationGrid(frames, { rows, columns });
  const painting = new Painting(header, grid);
  for (const [n, frame] of frames.entries()) {
    throwIfCancelled(signal);
    painting.add(frame, planeOf[n]!, await readFrame(n));
  }
  return { header, grid, voxels: painting.voxels, overlapping: painting.overlapping() };
}

interface FrameReader {
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
  readonly readFrame: (n: number) => Promise<ArrayLike<number>>;
}

function frameReader(file: FileHandle, { dataSet, availableBytes, inflated }: DicomHeader): FrameReader {
  if (dataSet.uint16(TAG.BitsAllocated, 'Bits Allocated') !== 1) {
    const format = pixelFormat(dataSet, availableBytes, 'numbered');
    const readFrame = (n: number) => readFramePixels(file, format, n, inflated);
    return { rows: format.rows, columns: format.columns, count: format.frames, readFrame };
  }
  const bits = bitPixels(dataSet, availableBytes);
  const readFrame = async (n: number): Promise<Uint8Array> => {
    const { from, count, skip } = bitsOfFrame(bits, n);
    const at = bits.offset + from;
    const bytes =
      inflated === undefined ? await readBytes(file, count, at) : inflated.subarray(at, at + count);
    if (bytes.length < count) throw new TandemError('truncated', 'The file ends in the middle of its pixels');
    return unpackBits(bytes, skip, bits.rows * bits.columns);
  };
  return { rows: bits.rows, columns: bits.columns, count: bits.frames, readFrame };
}

/** Puts frames into one volume of labels, in whatever order they come. */
class Painting {
  readonly voxels: Uint16Array;
  readonly #header: SegmentationHeader;
  readonly #inPlane: number;
  /** How much of a voxel its segment fills, where that is told. */
  readonly #shares: Float32Array | undefined;
  /** 1 where several segments were. */
  #claimedTwice: Uint8Array | undefined;

  constructor(header: SegmentationHeader, { size }: Grid) {
    this.#header = header;
    this.#inPlane = size[0] * size[1];
    this.voxels = new Uint16Array(this.#inPlane * size[2]);
    this.#shares = header.pixels.kind === 'fractional' ? new Float32Array(this.voxels.length) : undefined;
  }

  add({ segment }: SegmentationFrame, plane: number, pixels: ArrayLike<number>): void {
    const { pixels: kind } = this.#header;
    const start = plane * this.#inPlane;
    for (let n = 0; n < this.#inPlane; n++) {
      const value = pixels[n]!;
      if (value === 0) continue;
      if (kind.kind === 'fractional') {
        const share = value / kind.maximum;
        if (share >= WHOLE) this.#claim(start + n, segment!, share);
      } else this.#claim(start + n, segment ?? value, 1);
    }
  }

  #claim(at: number, label: number, share: number): void {
    const before = this.voxels[at]!;
    if (before !== 0 && before !== label) {
      this.#claimedTwice ??= new Uint8Array(this.voxels.length);
      this.#claimedTwice[at] = 1;
      const held = this.#shares?.[at] ?? 1;
      if (share < held || (share === held && label < before)) return;
    }
    this.voxels[at] = label;
    if (this.#shares !== undefined) this.#shares[at] = share;
  }

  overlapping(): number {
    return this.#claimedTwice?.reduce((sum, one) => sum + one, 0) ?? 0;
  }
}
