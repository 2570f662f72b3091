"""
Writes the source series of the conformance matrix: OUT/<name>/source/*.dcm and OUT/sources.json.

Three kinds, said in each name: series of real scanners as they are; the same turned into another orientation
(positions and directions by one rotation, everything else theirs); and generated ones for vendors of whom there
is no series at hand, in the conventions of that vendor's headers, written by pydicom.

usage: sources.py OUT [DATA]
"""

import copy
import json
import os
import re
import sys

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

OUT = sys.argv[1]
DATA = sys.argv[2] if len(sys.argv) > 2 else None

TILT = np.deg2rad(20)
TURN = np.deg2rad(-12)
ABOUT_X = np.array([[1, 0, 0], [0, np.cos(TILT), -np.sin(TILT)], [0, np.sin(TILT), np.cos(TILT)]])
ABOUT_Z = np.array([[np.cos(TURN), -np.sin(TURN), 0], [np.sin(TURN), np.cos(TURN), 0], [0, 0, 1]])
# Columns: direction of columns, of rows, and their cross product.
AXES = {
    "axial": np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).T,
    "sagittal": np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]).T,
    "coronal": np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T,
}
AXES["oblique"] = ABOUT_Z @ ABOUT_X

sources = []


def ds(values):
    return [f"{float(v) + 0.0:.12f}"[:16] for v in values]


def save(name, vendor, kind, orientation, datasets):
    folder = os.path.join(OUT, name, "source")
    os.makedirs(folder)
    for n, d in enumerate(datasets):
        d.save_as(os.path.join(folder, f"{n:03d}.dcm"), write_like_original=False)
    sources.append(dict(name=name, vendor=vendor, kind=kind, orientation=orientation, folder=folder))


# ---- real series, and turned copies of them


def position(d):
    i, j = np.array(d.ImageOrientationPatient[:3], float), np.array(d.ImageOrientationPatient[3:], float)
    return float(np.dot(np.cross(i, j), np.array(d.ImagePositionPatient, float)))


def read(folder, wanted=None):
    paths = [os.path.join(at, name) for at, _, names in os.walk(os.path.join(DATA, folder)) for name in names]
    found = []
    for path in sorted(paths):
        try:
            d = pydicom.dcmread(path)
        except Exception:
            continue
        if wanted is None or wanted(d):
            found.append(d)
    return found


def places(d):
    """Every item of a data set that holds a position or an orientation."""
    if "SharedFunctionalGroupsSequence" not in d:
        return [d]
    groups = list(d.SharedFunctionalGroupsSequence) + list(d.PerFrameFunctionalGroupsSequence)
    return [
        getattr(group, name)[0]
        for group in groups
        for name in ("PlanePositionSequence", "PlaneOrientationSequence")
        if name in group and len(getattr(group, name)) > 0
    ]


def turned(datasets, orientation):
    first = next(p for p in places(datasets[0]) if "ImageOrientationPatient" in p)
    i, j = (np.array(first.ImageOrientationPatient[n : n + 3], float) for n in (0, 3))
    rotation = AXES[orientation] @ np.stack([i, j, np.cross(i, j)], axis=1).T
    # Orthonormal to the last digit: what is written is then, too.
    u, _, v = np.linalg.svd(rotation)
    rotation = u @ v
    made = []
    for d in datasets:
        d = copy.deepcopy(d)
        for place in places(d):
            if "ImagePositionPatient" in place:
                place.ImagePositionPatient = ds(rotation @ np.array(place.ImagePositionPatient, float))
            if "ImageOrientationPatient" in place:
                rows = np.array(place.ImageOrientationPatient, float).reshape(2, 3)
                place.ImageOrientationPatient = ds((rows @ rotation.T).ravel())
        if "MOSAIC" in d.ImageType:
            d[0x0029, 0x1010].value = turned_csa(d[0x0029, 0x1010].value, rotation)
        made.append(d)
    return made


def turned_csa(csa, rotation):
    """The slice normal of a Siemens header, turned in place: each number has its own few bytes."""
    item = csa.find(b"SliceNormalVector\0") + 84
    slots = []
    for _ in range(3):
        length = int.from_bytes(csa[item + 4 : item + 8], "little")
        slots.append((item + 16, length))
        item += 16 + (length + 3) // 4 * 4
    normal = rotation @ np.array([float(csa[a : a + n].split(b"\0")[0]) for a, n in slots])
    out = bytearray(csa)
    for (a, n), value in zip(slots, normal):
        out[a : a + n] = f"{value:.8f}"[: n - 1].encode().ljust(n, b"\0")
    return bytes(out)


def middle(datasets, count=4):
    ordered = sorted(datasets, key=position)
    # Not across the gap of the series that have one.
    start = len(ordered) // 3
    return ordered[start : start + count]


def real():
    def both(name, vendor, kind, orientation, datasets, others):
        save(f"{name}-{orientation}-real", vendor, kind, orientation, datasets)
        for other in others:
            save(f"{name}-{other}-real-turned", vendor, kind, other, turned(datasets, other))

    trio = "Siemens Trio"
    both("trio-t2", trio, "classic", "axial", middle(read("t1-t2-study/series-6"), 3), [])
    both("trio-t1", trio, "classic", "sagittal", middle(read("t1-t2-study/series-5")), ["coronal"])
    pdt2 = middle(read("dcm_qa_pdt2/In", lambda d: d.EchoNumbers == 2))
    both("ve11-t2", "Siemens VE11", "classic", "sagittal", pdt2, ["axial", "coronal", "oblique"])
    mosaic = read("transfer-syntaxes/In", lambda d: d.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian)[:1]
    both("trio-mosaic", trio, "mosaic", "axial", mosaic, ["sagittal", "coronal", "oblique"])
    xa30 = "Siemens XA30"
    both("xa30-t1", xa30, "enhanced", "sagittal", frames(read("dcm_qa_xa30/In/5_anat-T1w_acq-tfl")), [])
    both("xa30-field", xa30, "enhanced", "axial", frames(read("dcm_qa_xa30/In/9_gre_field_mapping")), ["coronal", "oblique"])
    both("xa30-asl", xa30, "enhanced", "axial", frames(read("dcm_qa_xa30/In/27_asl_2d_tra")), ["sagittal"])
    xa10 = read("dcm_qa_enh/In/Siemens/XA10")[:1]
    both("xa10-rest", "Siemens XA10", "enhanced", "axial", xa10, ["oblique"])
    philips = read("dcm_qa_enh/In/Philips")[:1]
    both("philips-b0", "Philips", "enhanced", "axial", philips, ["sagittal", "coronal", "oblique"])
    pilot = read("dicomdir/dicomdirtests/98892003/MR2", lambda d: abs(float(d.ImageOrientationPatient[5])) < 0.5)
    both("philips-pilot", "Philips", "classic", "axial", pilot[:1], [])


def frames(datasets):
    """One object of many frames as it is; of objects of one frame each, a few that follow each other."""
    if int(datasets[0].NumberOfFrames) > 1:
        return datasets[:1]
    at = lambda d: [p for p in places(d) if "ImagePositionPatient" in p][0].ImagePositionPatient
    return sorted(datasets, key=lambda d: [float(v) for v in at(d)])[8:12]


# ---- generated series


COLUMNS, ROWS, SLICES = 24, 20, 4
counter = 0


def uid():
    global counter
    counter += 1
    return f"1.2.826.0.1.3680043.10.1462.7.{counter}"


def picture(n, signed=False):
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    values = 300 + 90 * np.sin(x / 3 + n) * np.cos(y / 4) + 11 * n
    return (values - (350 if signed else 0)).astype(np.int16 if signed else np.uint16)


def study(vendor, sop_class):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.826.0.1.3680043.10.1462.1"
    d = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SpecificCharacterSet = vendor.get("charset", "ISO_IR 100")
    d.SOPClassUID, d.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    d.StudyDate = d.SeriesDate = d.AcquisitionDate = d.ContentDate = "20260213"
    d.StudyTime = d.SeriesTime = d.AcquisitionTime = d.ContentTime = "101112"
    d.AccessionNumber, d.Modality, d.Manufacturer = "A1", "MR", vendor["name"]
    d.ReferringPhysicianName = vendor.get("physician", "Doe^Jane")
    d.StudyDescription, d.SeriesDescription = vendor.get("study", "Brain"), vendor.get("series", "T2 TSE")
    d.ManufacturerModelName, d.DeviceSerialNumber, d.SoftwareVersions = vendor["model"], "42", "1.0"
    d.PatientName, d.PatientID = vendor.get("patient", "Test^Patient"), "P1"
    d.PatientBirthDate, d.PatientSex = "19700101", "O"
    d.BodyPartExamined, d.PatientPosition = "HEAD", "HFS"
    d.ProtocolName, d.StudyID = "T2", "1"
    d.SeriesNumber, d.AcquisitionNumber, d.InstanceNumber = 5, 1, 1
    d.PositionReferenceIndicator = ""
    # A hospital's own code, and what it says of its scheme.
    d.ProcedureCodeSequence = code("MR7", "MR head", "99WARD")
    d.CodingSchemeIdentificationSequence = Sequence(
        [item(CodingSchemeDesignator="99WARD", CodingSchemeName="Ward list", CodingSchemeResponsibleOrganization="Ward 7")]
    )
    return d


def pixels(d, values, bits):
    signed = values.dtype == np.int16
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = ROWS, COLUMNS
    d.BitsAllocated, d.BitsStored, d.HighBit = 16, bits, bits - 1
    d.PixelRepresentation = 1 if signed else 0
    d.PixelData = values.tobytes()
    d["PixelData"].VR = "OW"


def geometry(orientation, n):
    axes = AXES[orientation]
    origin = -axes @ np.array([COLUMNS / 2 * 0.9, ROWS / 2 * 1.1, 7.3])
    return ds(axes[:, :2].T.ravel()), ds(origin + axes[:, 2] * 4.7 * n)


def same_uids(datasets):
    one = {name: uid() for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    for d in datasets:
        for name, value in one.items():
            setattr(d, name, value)
    return datasets


def classic(vendor, orientation):
    made = []
    for n in range(SLICES):
        d = study(vendor, "1.2.840.10008.5.1.4.1.1.4")
        d.ImageType = vendor.get("image_type", ["ORIGINAL", "PRIMARY", "OTHER"])
        d.ScanningSequence, d.SequenceVariant, d.ScanOptions = "SE", "SK", ""
        d.MRAcquisitionType, d.SliceThickness, d.SpacingBetweenSlices = "2D", 4, 4.7
        d.RepetitionTime, d.EchoTime, d.EchoTrainLength, d.FlipAngle = 4200, 96, 12, 90
        d.NumberOfAverages, d.MagneticFieldStrength, d.ImagingFrequency = 1, 3, 127.7
        d.ImagedNucleus, d.EchoNumbers, d.PixelBandwidth = "1H", 1, 200
        d.ImageOrientationPatient, d.ImagePositionPatient = geometry(orientation, n)
        d.InstanceNumber, d.PixelSpacing = n + 1, [1.1, 0.9]
        signed = vendor.get("signed", False)
        pixels(d, picture(n, signed), 16 if signed else 12)
        vendor.get("special", lambda d, n: None)(d, n)
        made.append(d)
    return same_uids(made)


def private(d, group, creator, elements):
    block = d.private_block(group, creator, create=True)
    for element, vr, value in elements:
        block.add_new(element, vr, value)


def ge(d, n):
    d.PixelPaddingValue = -32768
    d["PixelPaddingValue"].VR = "SS"
    private(d, 0x0043, "GEMS_PARM_01", [(0x2F, "SS", 0), (0x39, "IS", [0, 8, 0, 0])])


def philips_rescaled(d, n):
    d.RescaleIntercept, d.RescaleSlope, d.RescaleType = 0, "1.59487179487179", "normalized"
    private(d, 0x2005, "Philips MR Imaging DD 001", [(0x0E, "FL", 0.0123), (0x11, "CS", "M")])


def canon(d, n):
    private(d, 0x700D, "TOSHIBA_MEC_MR3", [(0x00, "DS", "1.5"), (0x08, "SH", "FSE")])


def uih(d, n):
    private(d, 0x0065, "Image Private Header", [(0x09, "FD", 0.0), (0x50, "DS", "1")])


GE = dict(name="GE MEDICAL SYSTEMS", model="DISCOVERY MR750", signed=True, special=ge, patient="Müller^Jörg")
PHILIPS = dict(name="Philips Medical Systems", model="Ingenia", special=philips_rescaled, image_type=["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"])
CANON = dict(
    name="CANON_MEC",
    model="Vantage Galan 3T",
    special=canon,
    charset=["", "ISO 2022 IR 87"],
    patient="Yamada^Tarou=山田^太郎",
    physician="Suzuki^Ichiro=鈴木^一郎",
    study="頭部",
)
UIH = dict(name="UIH", model="uMR 790", special=uih, charset="GB18030", patient="Wang^XiaoDong=王^小东", series="头部 T2")
HITACHI = dict(name="Hitachi, Ltd.", model="ECHELON OVAL", charset=["ISO 2022 IR 13", "ISO 2022 IR 87"], patient="ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎")
BRUKER = dict(name="Bruker BioSpin MRI GmbH", model="BioSpec 94/20", charset="ISO_IR 192", patient="Größe^Ωμέγα")


def item(**values):
    d = Dataset()
    for name, value in values.items():
        setattr(d, name, value)
    return d


def code(value, meaning, scheme="SCT"):
    return Sequence([item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)])


def enhanced(vendor, orientation):
    d = study(vendor, "1.2.840.10008.5.1.4.1.1.4.1")
    directions, _ = geometry(orientation, 0)
    image_type = ["ORIGINAL", "PRIMARY", "T2", "NONE"]
    d.ImageType, d.AcquisitionDateTime, d.AcquisitionDuration = image_type, "20260213101112", 120.0
    d.PixelPresentation, d.VolumetricProperties, d.VolumeBasedCalculationTechnique = "MONOCHROME", "VOLUME", "NONE"
    d.ComplexImageComponent, d.AcquisitionContrast, d.ContentQualification = "MAGNITUDE", "T2", "PRODUCT"
    d.BurnedInAnnotation, d.LossyImageCompression, d.PresentationLUTShape = "NO", "00", "IDENTITY"
    d.PulseSequenceName, d.MRAcquisitionType, d.EchoPulseSequence = "TSE", "2D", "SPIN"
    d.MultipleSpinEcho, d.MultiPlanarExcitation, d.PhaseContrast = "NO", "NO", "NO"
    d.TimeOfFlightContrast, d.SteadyStatePulseSequence, d.EchoPlanarPulseSequence = "NO", "NONE", "NO"
    d.SaturationRecovery, d.SpectrallySelectedSuppression, d.OversamplingPhase = "NO", "NONE", "NONE"
    d.GeometryOfKSpaceTraversal, d.SegmentedKSpaceTraversal = "RECTILINEAR", "PARTIAL"
    d.RectilinearPhaseEncodeReordering, d.NumberOfKSpaceTrajectories = "LINEAR", 1
    d.ResonantNucleus, d.MagneticFieldStrength, d.KSpaceFiltering, d.ApplicableSafetyStandardAgency = "1H", 3, "NONE", "IEC"
    d.AcquisitionContextSequence = Sequence([])
    step = item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.3", ReferencedSOPInstanceUID=uid())
    d.ReferencedPerformedProcedureStepSequence = Sequence([step])
    organisation = uid()
    d.DimensionOrganizationSequence = Sequence([item(DimensionOrganizationUID=organisation)])
    index = lambda pointer, group: item(
        DimensionOrganizationUID=organisation, DimensionIndexPointer=pointer, FunctionalGroupPointer=group
    )
    d.DimensionIndexSequence = Sequence([index(0x00209056, 0x00209111), index(0x00209057, 0x00209111)])
    modifier = dict(
        InversionRecovery="NO", FlowCompensation="NONE", Spoiling="NONE", T2Preparation="NO",
        SpectrallySelectedExcitation="NONE", SpatialPresaturation="NONE", PartialFourier="NO",
        ParallelAcquisition="NO",
    )
    fov = dict(
        InPlanePhaseEncodingDirection="COLUMN", MRAcquisitionFrequencyEncodingSteps=COLUMNS,
        MRAcquisitionPhaseEncodingStepsInPlane=ROWS, PercentSampling=100.0, PercentPhaseFieldOfView=100.0,
    )
    shared = item(
        PixelMeasuresSequence=Sequence([item(PixelSpacing=[1.1, 0.9], SliceThickness=4, SpacingBetweenSlices=4.7)]),
        PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=directions)]),
        FrameAnatomySequence=Sequence([item(FrameLaterality="U", AnatomicRegionSequence=code("12738006", "Brain"))]),
        PixelValueTransformationSequence=Sequence([item(RescaleIntercept=0, RescaleSlope=1, RescaleType="US")]),
        MRTimingAndRelatedParametersSequence=Sequence(
            [
                item(
                    RepetitionTime=4200, FlipAngle=90, EchoTrainLength=12, RFEchoTrainLength=12,
                    GradientEchoTrainLength=0, SpecificAbsorptionRateDefinition="IEC_HEAD",
                    SpecificAbsorptionRateValue=0.4, GradientOutputType="DB_DT", GradientOutput=10.0,
                    OperatingModeSequence=Sequence([item(OperatingModeType="STATIC FIELD", OperatingMode="IEC_NORMAL")]),
                    SpecificAbsorptionRateSequence=Sequence(
                        [item(SpecificAbsorptionRateDefinition="IEC_HEAD", SpecificAbsorptionRateValue=0.4)]
                    ),
                )
            ]
        ),
        MRFOVGeometrySequence=Sequence([item(**fov)]),
        MRModifierSequence=Sequence([item(**modifier)]),
        MRImagingModifierSequence=Sequence(
            [item(MagnetizationTransfer="NONE", BloodSignalNulling="NO", Tagging="NONE", TransmitterFrequency=127.7, PixelBandwidth=200.0)]
        ),
        MREchoSequence=Sequence([item(EffectiveEchoTime=96.0)]),
        MRReceiveCoilSequence=Sequence(
            [item(ReceiveCoilName="Head", ReceiveCoilManufacturerName="", ReceiveCoilType="VOLUME", QuadratureReceiveCoil="NO")]
        ),
        MRTransmitCoilSequence=Sequence(
            [item(TransmitCoilName="Body", TransmitCoilManufacturerName="", TransmitCoilType="BODY")]
        ),
        MRAveragesSequence=Sequence([item(NumberOfAverages=1)]),
        MRImageFrameTypeSequence=Sequence(
            [
                item(
                    FrameType=image_type, PixelPresentation="MONOCHROME", VolumetricProperties="VOLUME",
                    VolumeBasedCalculationTechnique="NONE", ComplexImageComponent="MAGNITUDE", AcquisitionContrast="T2",
                )
            ]
        ),
    )
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    per_frame = []
    for n in range(SLICES):
        content = item(
            FrameReferenceDateTime="20260213101112", FrameAcquisitionDateTime="20260213101112", FrameAcquisitionDuration=120.0,
            StackID="1", InStackPositionNumber=n + 1, DimensionIndexValues=[1, n + 1], FrameAcquisitionNumber=1,
        )
        per_frame.append(
            item(
                FrameContentSequence=Sequence([content]),
                PlanePositionSequence=Sequence([item(ImagePositionPatient=geometry(orientation, n)[1])]),
                FrameVOILUTSequence=Sequence([item(WindowCenter=300 + n, WindowWidth=400)]),
            )
        )
    d.PerFrameFunctionalGroupsSequence = Sequence(per_frame)
    d.NumberOfFrames = SLICES
    pixels(d, np.stack([picture(n) for n in range(SLICES)]), 12)
    return same_uids([d])


def generated():
    for name, vendor, orientations in (
        ("ge", GE, ("axial", "sagittal", "coronal", "oblique")),
        ("philips-rescaled", PHILIPS, ("coronal", "oblique")),
        ("canon", CANON, ("axial", "sagittal", "coronal", "oblique")),
        ("uih", UIH, ("axial", "oblique")),
        ("hitachi", HITACHI, ("sagittal",)),
    ):
        for orientation in orientations:
            save(f"{name}-{orientation}-generated", vendor["name"], "classic", orientation, classic(vendor, orientation))
    for name, vendor, orientations in (
        ("canon-enhanced", CANON, ("axial", "sagittal", "coronal", "oblique")),
        ("uih-enhanced", UIH, ("sagittal",)),
        ("bruker-enhanced", BRUKER, ("coronal", "oblique")),
    ):
        for orientation in orientations:
            save(f"{name}-{orientation}-generated", vendor["name"], "enhanced", orientation, enhanced(vendor, orientation))


if DATA is not None:
    real()
generated()
with open(os.path.join(OUT, "sources.json"), "w") as f:
    json.dump(sources, f)
