"""
What pydicom reads of DICOM objects. Reads a JSON list of objects from stdin, each {"files": [...]} and, for an
enhanced series, {"truth": path of float32 values, all slices after each other}; prints for each of them what its
frames are: positions, orientations, spacings, a SHA-256 of each frame's values, and how far stored values are from
the truth, in stored units.
"""

import hashlib
import json
import re
import sys

import numpy as np
import pydicom


def groups(d, n):
    """The functional groups of frame n, its own over the shared; of a classic image, the image."""
    if "SharedFunctionalGroupsSequence" not in d:
        return lambda sequence, name: getattr(d, name)
    own, shared = d.PerFrameFunctionalGroupsSequence[n], d.SharedFunctionalGroupsSequence[0]

    def find(sequence, name):
        return getattr(getattr(own if sequence in own else shared, sequence)[0], name)

    return find


def read(asked):
    frames, stored, factor = [], [], 1.0
    for path in asked["files"]:
        d = pydicom.dcmread(path)
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
                    sha=hashlib.sha256(np.ascontiguousarray(frame).tobytes()).hexdigest(),
                )
            )
            stored.append(frame.astype(np.float64))
    worst = None
    if "truth" in asked:
        truth = np.fromfile(asked["truth"], np.float32).astype(np.float64).reshape(np.shape(stored))
        worst = float(np.max(np.abs(np.array(stored) - truth * factor)))
    return dict(frames=frames, worst=worst, classUid=str(d.SOPClassUID), patient=str(d.get("PatientName", "")))


def description(d):
    if "DerivationDescription" in d:
        return d.DerivationDescription
    groups = d.get("SharedFunctionalGroupsSequence", [None])[0]
    image = groups.get("DerivationImageSequence", [None])[0] if groups is not None else None
    return image.get("DerivationDescription", "") if image is not None else ""


print(json.dumps([read(asked) for asked in json.load(sys.stdin)]))
