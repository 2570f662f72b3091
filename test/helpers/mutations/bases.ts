import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dicomFile, mrSeries } from '../dicomBuilder.ts';
import { zipOf } from '../zipBuilder.ts';
import {
  copyTree,
  type Item,
  type Node,
  PIXEL_DATA,
  parseTree,
  TRANSFER_SYNTAX,
  type Tree,
  textValue,
  writeTree,
} from './dicomTree.ts';

/** The good files that mutants are made of: each way of writing an MR image that matters, real ones but for two. */
export interface Base {
  readonly name: string;
  readonly form: 'dicom' | 'nifti' | 'zip' | 'dicomdir';
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** Bytes before the pixels, or all. */
  readonly headerBytes: number;
  readonly tree: Tree | undefined;
  /** The value of the pixel data as the file has it; empty where it has none of its own. */
  readonly pixelBytes: Uint8Array;
  /** DICOMDIR: the folder whose files it names. */
  readonly folder?: string;
}

const DICOM: readonly (readonly [string, string])[] = [
  ['implicit, mosaic', 'transfer-syntaxes/In/2.dcm'],
  ['explicit, mosaic', 'transfer-syntaxes/In/1.dcm'],
  ['big endian, mosaic', 'transfer-syntaxes/In/3.dcm'],
  [
    'deflated',
    'one-slice-many-syntaxes/CTImage.dcm_DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm',
  ],
  ['RLE, mosaic', 'transfer-syntaxes/In/4.dcm'],
  ['JPEG lossless, mosaic', 'transfer-syntaxes/In/5.dcm'],
  [
    'JPEG extended',
    'one-slice-many-syntaxes/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm',
  ],
  ['JPEG-LS, mosaic', 'transfer-syntaxes/In/7.dcm'],
  ['JPEG 2000, mosaic', 'transfer-syntaxes/In/9.dcm'],
  ['classic', 't1-t2-study/series-5/0001.dcm'],
  ['enhanced, Siemens', 'dcm_qa_enh/In/Siemens/XA10/6_1.dcm'],
  ['enhanced, Philips', 'dcm_qa_enh/In/Philips/IM_0027_fMAP.dcm'],
];

/** @param root of the real data */
export function readBases(root: string): Base[] {
  const dicom = DICOM.map(([name, path]) =>
    dicomBase(name, new Uint8Array(readFileSync(join(root, 'dicom', path)))),
  );
  const enhanced = dicom.find(({ name }) => name === 'enhanced, Siemens')!;
  const folder = join(root, 'dicom/dicomdir/dicomdirtests');
  return [
    ...dicom,
    dicomBase('enhanced, in fragments', inFragments(enhanced.tree!)),
    {
      ...dicomBase('DICOMDIR', new Uint8Array(readFileSync(join(folder, 'DICOMDIR')))),
      form: 'dicomdir',
      fileName: 'DICOMDIR',
      folder,
    },
    niftiBase(new Uint8Array(gunzipSync(readFileSync(join(root, 'orientation/RAS.nii.gz'))))),
    zipBase(),
  ];
}

function dicomBase(name: string, bytes: Uint8Array): Base {
  const tree = parseTree(bytes);
  const pixels = bytes.length - (tree.body.find(({ tag }) => tag === PIXEL_DATA)?.value.length ?? 0);
  const written = writeTree(tree);
  if (!tree.deflated && Buffer.compare(written, bytes) !== 0)
    throw new Error(`${name} is not written as it was read`);
  const headerBytes = tree.deflated ? 500 : pixels === bytes.length ? bytes.length : headerOf(tree);
  return {
    name,
    form: 'dicom',
    fileName: 'mutant.dcm',
    bytes,
    headerBytes,
    tree,
    pixelBytes: tree.deflated ? new Uint8Array() : bytes.subarray(headerBytes + 12),
  };
}

function headerOf(tree: Tree): number {
  const body = tree.body.filter(({ tag }) => tag < PIXEL_DATA);
  return writeTree({ ...tree, body }).length;
}

/** Each frame in two fragments, found by an offset table (1.2.840.10008.1.2.1.98). */
function inFragments(source: Tree): Uint8Array {
  const tree = copyTree(source);
  const pixels = tree.body.find(({ tag }) => tag === PIXEL_DATA)!;
  const frames = 6;
  const value = pixels.value as Uint8Array;
  const size = value.length / frames;
  const table = new DataView(new ArrayBuffer(4 * frames));
  const fragments: Item[] = [];
  for (let n = 0; n < frames; n++) {
    table.setUint32(4 * n, n * (size + 16), true);
    for (const half of [0, 1]) {
      const from = n * size + (half * size) / 2;
      fragments.push(item(value.subarray(from, from + size / 2)));
    }
  }
  const changed: Node = {
    ...pixels,
    vr: 'OB',
    value: [item(new Uint8Array(table.buffer)), ...fragments],
    undefinedLength: true,
  };
  tree.body[tree.body.indexOf(pixels)] = changed;
  tree.meta.find(({ tag }) => tag === TRANSFER_SYNTAX)!.value = textValue('1.2.840.10008.1.2.1.98', '\0');
  // The length of the meta information has changed with the UID's.
  tree.meta = tree.meta.filter(({ tag }) => tag !== 0x00020000);
  return writeTree(tree);
}

function item(content: Uint8Array): Item {
  return { content, undefinedLength: false, delimiters: 1 };
}

function niftiBase(bytes: Uint8Array): Base {
  return {
    name: 'NIfTI',
    form: 'nifti',
    fileName: 'mutant.nii',
    bytes,
    headerBytes: 352,
    tree: undefined,
    pixelBytes: new Uint8Array(),
  };
}

function zipBase(): Base {
  const slices = mrSeries([0, 2, 4, 6], {
    rows: 32,
    columns: 32,
    studyUid: '1.2.3.1',
    sopInstanceUid: '1.2.3.9',
  });
  const bytes = zipOf(slices.map((slice, n) => ({ name: `study/IM${n}`, bytes: dicomFile(slice) })));
  const headerBytes = bytes.length;
  return {
    name: 'ZIP',
    form: 'zip',
    fileName: 'mutant.zip',
    bytes,
    headerBytes,
    tree: undefined,
    pixelBytes: new Uint8Array(),
  };
}
