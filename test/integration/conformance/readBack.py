"""
What pydicom reads of DICOM objects. Reads a JSON list of objects from stdin, each {"files": [...]} and, for an
enhanced series, {"truth": path of float32 values, all slices after each other}; prints for each of them what its
frames are: positions, orientations, spacings, a SHA-256 of each frame's values, the images it was derived from, and
how far stored values are from the truth, in stored units, and frame, row and column of the largest one. Of registrations the matrices, of reports the numbers, and of
both the images that they name.
"""

import hashlib
import json
import re
import sys

import numpy as np
import pydicom
from pydicom.multival import MultiValue


def groups(d, n):
    """The functional groups of frame n, its own over the shared; of a classic image, the image."""
    if "SharedFunctionalGroupsSequence" not in d:
        return lambda sequence, name: getattr(d, name)
    own, shared = d.PerFrameFunctionalGroupsSequence[n], d.SharedFunctionalGroupsSequence[0]

    def find(sequence, name):
        return getattr(getattr(own if sequence in own else shared, sequence)[0], name)

    return find


def derived_from(d, n):
    """Instances and frames that frame n names as its sources."""
    if "PerFrameFunctionalGroupsSequence" not in d:
        return []
    groups = d.PerFrameFunctionalGroupsSequence[n]
    return [
        [str(image.ReferencedSOPInstanceUID), numbers(image), str(image.get("SpatialLocationsPreserved", ""))]
        for derivation in groups.get("DerivationImageSequence", [])
        for image in derivation.SourceImageSequence
    ]


def numbers(image):
    value = image.get("ReferencedFrameNumber")
    return [] if value is None else [int(v) for v in (value if isinstance(value, MultiValue) else [value])]


def registrations(d):
    return [
        dict(
            matrix=[float(v) for v in one.MatrixRegistrationSequence[0].MatrixSequence[0].FrameOfReferenceTransformationMatrix],
            images=[[str(image.ReferencedSOPInstanceUID), numbers(image)] for image in one.ReferencedImageSequence],
        )
        for one in d.RegistrationSequence
    ]


def content(d, kind, found):
    """Every content item of a kind, at any depth."""
    for one in d.get("ContentSequence", []):
        if one.ValueType == kind:
            found.append(one)
        content(one, kind, found)
    return found


def report(d):
    images = [one.ReferencedSOPSequence[0] for one in content(d, "IMAGE", [])]
    return dict(
        numbers=[one.MeasuredValueSequence[0].FloatingPointValue for one in content(d, "NUM", [])],
        texts=[str(one.TextValue) for one in content(d, "TEXT", [])],
        names=[str(one.PersonName) for one in content(d, "PNAME", [])],
        images=[[str(image.ReferencedSOPInstanceUID), numbers(image)] for image in images],
    )


def labels(d):
    return [str(segment.SegmentLabel) for segment in d.get("SegmentSequence", [])]


def schemes(d, inside=None):
    """Private coding schemes that codes are of, at any depth."""
    inside = set() if inside is None else inside
    for element in d:
        if element.VR != "SQ" or element.keyword == "CodingSchemeIdentificationSequence":
            continue
        for one in element.value:
            designator = str(one.get("CodingSchemeDesignator", ""))
            if designator.startswith("99"):
                inside.add(designator)
            schemes(one, inside)
    return inside


def common(d):
    said = {str(one.CodingSchemeDesignator): str(one.get("CodingSchemeName", "")) for one in d.get("CodingSchemeIdentificationSequence", [])}
    return dict(patient=str(d.get("PatientName", "")), schemes={name: said.get(name) for name in sorted(schemes(d))})


def read(asked):
    frames, stored, factor = [], [], 1.0
    for path in asked["files"]:
        d = pydicom.dcmread(path)
        if "RegistrationSequence" in d:
            return dict(frames=[], registrations=registrations(d), **common(d))
        if "ContentSequence" in d:
            return dict(frames=[], report=report(d), **common(d))
        values = d.pixel_array
        values = values[np.newaxis] if values.ndim == 2 else values
        said = re.search(r"stored=real-world values x ([0-9.e+-]+)", description(d))
        factor = float(said.group(1)) if said else factor
        for n, frame in enumerate(values):
            find = groups(d, n)
            frames.append(
                dict(
                    position=[float(v) for v in find("PlanePositionSequence", "ImagePositionPatient")],
                    orientation=[float(v) for v in find("PlaneOrientationSequence", "ImageOrientationPatient")],
                    spacing=[float(v) for v in find("PixelMeasuresSequence", "PixelSpacing")],
                    size=list(frame.shape),
                    sources=derived_from(d, n),
                    sha=hashlib.sha256(np.ascontiguousarray(frame).tobytes()).hexdigest(),
                )
            )
            stored.append(frame.astype(np.float64))
    worst = None
    if "truth" in asked:
        truth = np.fromfile(asked["truth"], np.float32).astype(np.float64).reshape(np.shape(stored))
        worst = float(np.max(np.abs(np.array(stored) - truth * factor)))
    brightest = [int(n) for n in np.unravel_index(np.argmax(stored), np.shape(stored))]
    return dict(frames=frames, worst=worst, brightest=brightest, labels=labels(d), **common(d))


def description(d):
    if "DerivationDescription" in d:
        return d.DerivationDescription
    groups = d.get("SharedFunctionalGroupsSequence", [None])[0]
    image = groups.get("DerivationImageSequence", [None])[0] if groups is not None else None
    return image.get("DerivationDescription", "") if image is not None else ""


print(json.dumps([read(asked) for asked in json.load(sys.stdin)]))
