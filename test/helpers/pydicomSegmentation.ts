import { rmSync, writeFileSync } from 'node:fs';
import type { Vec3 } from '../../src/core/volume/vec.ts';
import { pydicomSays } from './pydicom.ts';

/** A frame to be written: its pixels row by row, as they are to be stored. */
export interface ForeignFrame {
  /** Absent in a label map. */
  readonly segment?: number;
  readonly positionLps?: Vec3;
  readonly pixels: readonly number[];
}

export interface ForeignSegmentation {
  readonly type: 'BINARY' | 'FRACTIONAL' | 'LABELMAP';
  readonly rows: number;
  readonly columns: number;
  /** Between columns and between rows. */
  readonly spacingMm: readonly [number, number];
  readonly thicknessMm?: number;
  readonly stepMm?: number;
  readonly iAxisLps: Vec3;
  readonly jAxisLps: Vec3;
  readonly studyUid: string;
  readonly frameOfReferenceUid?: string;
  readonly segments: readonly {
    readonly number: number;
    readonly label: string;
    readonly lab?: readonly [number, number, number];
  }[];
  readonly frames: readonly ForeignFrame[];
  readonly maximum?: number;
  /** Bits of a pixel that is no bit; 8 where absent. */
  readonly bits?: 8 | 16;
  readonly photometric?: 'MONOCHROME2' | 'PALETTE COLOR';
  readonly syntax?: 'explicit' | 'implicit' | 'deflated' | 'rle';
}

const PROGRAM = `
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid, ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian
asked = json.load(open(sys.argv[1]))
syntaxes = {'explicit': ExplicitVRLittleEndian, 'implicit': ImplicitVRLittleEndian,
            'deflated': DeflatedExplicitVRLittleEndian, 'rle': '1.2.840.10008.1.2.5'}
def code(value, scheme, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])
label_map = asked['type'] == 'LABELMAP'
ds = Dataset()
ds.SOPClassUID = '1.2.840.10008.5.1.4.1.1.66.7' if label_map else '1.2.840.10008.5.1.4.1.1.66.4'
ds.SOPInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
ds.StudyInstanceUID = asked['studyUid']
if 'frameOfReferenceUid' in asked: ds.FrameOfReferenceUID = asked['frameOfReferenceUid']
ds.Modality, ds.SeriesNumber, ds.SeriesDescription = 'SEG', 42, 'Made elsewhere'
ds.PatientName, ds.PatientID, ds.ContentLabel = 'DOE^JANE', 'p1', 'SEG'
ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, asked.get('photometric', 'MONOCHROME2')
ds.Rows, ds.Columns, ds.NumberOfFrames = asked['rows'], asked['columns'], len(asked['frames'])
bits = 1 if asked['type'] == 'BINARY' else asked.get('bits', 8)
ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits, bits - 1, 0
ds.add_new(0x00620001, 'CS', asked['type'])
if 'maximum' in asked:
    ds.SegmentationFractionalType, ds.MaximumFractionalValue = 'OCCUPANCY', asked['maximum']
segments = []
for one in asked['segments']:
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel, item.SegmentAlgorithmType = one['number'], one['label'], 'MANUAL'
    item.SegmentedPropertyCategoryCodeSequence = code('49755003', 'SCT', 'Morphologically Altered Structure')
    item.SegmentedPropertyTypeCodeSequence = code('79654002', 'SCT', 'Edema')
    if 'lab' in one: item.RecommendedDisplayCIELabValue = one['lab']
    segments.append(item)
ds.SegmentSequence = Sequence(segments)
measures = Dataset()
measures.PixelSpacing = [asked['spacingMm'][1], asked['spacingMm'][0]]
if 'thicknessMm' in asked: measures.SliceThickness = asked['thicknessMm']
if 'stepMm' in asked: measures.SpacingBetweenSlices = asked['stepMm']
orientation = Dataset()
orientation.ImageOrientationPatient = [repr(round(v, 10))[:16] for v in asked['iAxisLps'] + asked['jAxisLps']]
shared = Dataset()
shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
ds.SharedFunctionalGroupsSequence = Sequence([shared])
groups, pixels = [], []
for one in asked['frames']:
    group = Dataset()
    if 'positionLps' in one:
        position = Dataset()
        position.ImagePositionPatient = [repr(round(v, 8))[:16] for v in one['positionLps']]
        group.PlanePositionSequence = Sequence([position])
    if 'segment' in one:
        which = Dataset()
        which.ReferencedSegmentNumber = one['segment']
        group.SegmentIdentificationSequence = Sequence([which])
    groups.append(group)
    pixels.append(one['pixels'])
ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
flat = np.array(pixels)
if bits == 1: data = np.packbits(flat.reshape(-1).astype(np.uint8), bitorder='little').tobytes()
else: data = flat.astype('<u%d' % (bits // 8)).tobytes()
syntax = asked.get('syntax', 'explicit')
if syntax == 'rle':
    from pydicom.encaps import encapsulate
    def packbits(row):
        # Literal runs only: valid, if not small.
        out = b''.join(bytes([min(128, len(row) - at) - 1]) + row[at:at + 128] for at in range(0, len(row), 128))
        return out + (b'\\0' if len(out) % 2 else b'')
    frames = []
    for frame in pixels:
        body = packbits(bytes(frame))
        frames.append((1).to_bytes(4, 'little') + (64).to_bytes(4, 'little') + bytes(56) + body)
    ds.PixelData = encapsulate(frames)
    ds['PixelData'].is_undefined_length = True
else:
    ds.PixelData = data + (b'\\0' if len(data) % 2 else b'')
ds['PixelData'].VR = 'OB' if bits <= 8 else 'OW'
meta = FileMetaDataset()
meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
meta.TransferSyntaxUID = syntaxes[syntax]
ds.file_meta = meta
ds.is_little_endian, ds.is_implicit_VR = True, syntax == 'implicit'
ds.save_as(sys.argv[2], write_like_original=False)
print(json.dumps(str(ds.SOPInstanceUID)))
`;

/** Writes a DICOM Segmentation by pydicom, element by element, and returns its SOP Instance UID. */
export function writeForeignSegmentation(path: string, asked: ForeignSegmentation): string {
  const request = `${path}.json`;
  writeFileSync(request, JSON.stringify(asked));
  try {
    return pydicomSays<string>(PROGRAM, request, path);
  } finally {
    rmSync(request);
  }
}
