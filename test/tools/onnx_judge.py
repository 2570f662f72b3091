"""Judges the models of a folder by ONNX's own checker, shape inference and reference evaluator.

    python3 onnx_judge.py FOLDER

Beside each NAME.onnx lies NAME.json: {"feeds": {name: {"shape", "data"}}, "expected": {the same}}. Prints one
JSON line a model: {"name", "fault"} where the checker refuses it, {"name", "notRun"} where the evaluator
lacks something, else {"name", "error"}: the worst ||a - b|| / ||b|| of its outputs.
Needs onnx 1.16 or later, and numpy. Reads nothing but the folder.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

warnings.filterwarnings("ignore")


def array(value, dtype):
    return np.array(value["data"], dtype=dtype).reshape(value["shape"])


def relative_error(found, expected):
    if found.shape != expected.shape:
        return f"the shape {found.shape}, not {expected.shape}"
    size = np.linalg.norm(expected)
    return float(np.linalg.norm(found - expected) / (size if size > 0 else 1))


def judge(path):
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # whatever the checker finds is its verdict
        return {"fault": str(error)}
    case = json.loads(path.with_suffix(".json").read_text())
    feeds = {value.name: array(case["feeds"][value.name], np.float32) for value in model.graph.input}
    try:
        results = ReferenceEvaluator(model).run(None, feeds)
    except Exception as error:
        return {"notRun": f"{type(error).__name__}: {error}"}
    errors = [
        relative_error(result, array(case["expected"][output.name], np.float64))
        for output, result in zip(model.graph.output, results)
    ]
    wrong = [error for error in errors if isinstance(error, str)]
    return {"fault": wrong[0]} if wrong else {"error": max(errors)}


for file in sorted(Path(sys.argv[1]).glob("*.onnx")):
    print(json.dumps({"name": file.stem, **judge(file)}), flush=True)
