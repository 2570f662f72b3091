"""Runs an ONNX model that this project exported on PyTorch, needing nothing but PyTorch and numpy.

    python3 torch_runner.py MODEL.onnx INPUTS.safetensors OUTPUTS.safetensors [--device cuda] [--double]
    python3 torch_runner.py FOLDER        every NAME.onnx on NAME.inputs.safetensors, to NAME.outputs.safetensors

An independent judge of the models, and a way to run (or train with) them on a machine that has PyTorch and a
GPU but no Node: the inputs of a training step are weights, moments and data, its outputs the next ones. With
--double everything is computed in float64. Of ONNX (opset 21) it knows what the project's graph emits;
another operator is an error that names it.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

# TensorProto.DataType
DTYPES = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 11: np.float64}


# --- Protocol buffers (protobuf.dev/programming-guides/encoding) ---


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Every field's number with its value: an integer, or bytes (a message, a text, a float)."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            length = {1: 8, 5: 4}.get(kind)
            if length is None:
                length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        yield tag >> 3, value


def grouped(data):
    found = {}
    for number, value in fields(data):
        found.setdefault(number, []).append(value)
    return found


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def read_tensor(data):
    found = grouped(data)
    dtype = DTYPES[found[2][0]]
    raw = np.frombuffer(found.get(9, [b""])[0], dtype=dtype)
    return found.get(8, [b""])[0].decode(), raw.reshape([signed(size) for size in found.get(1, [])]).copy()


def read_attribute(data):
    found = grouped(data)
    kind = found[20][0]
    if kind == 1:
        value = struct.unpack("<f", found[2][0])[0]
    elif kind == 2:
        value = signed(found.get(3, [0])[0])
    elif kind == 3:
        value = found[4][0].decode()
    elif kind == 4:
        value = read_tensor(found[5][0])[1]
    elif kind == 5:
        value = Graph(found[6][0])
    elif kind == 6:
        value = [struct.unpack("<f", one)[0] for one in found.get(7, [])]
    else:
        value = [signed(one) for one in found.get(8, [])]
    return found[1][0].decode(), value


class Node:
    def __init__(self, data):
        found = grouped(data)
        self.inputs = [name.decode() for name in found.get(1, [])]
        self.outputs = [name.decode() for name in found.get(2, [])]
        self.name = found.get(3, [b""])[0].decode()
        domain = found.get(7, [b""])[0].decode()
        self.operator = (domain + "." if domain else "") + found[4][0].decode()
        self.attributes = dict(read_attribute(one) for one in found.get(5, []))


class Graph:
    def __init__(self, data):
        found = grouped(data)
        self.nodes = [Node(one) for one in found.get(1, [])]
        self.constants = dict(read_tensor(one) for one in found.get(5, []))
        self.inputs = [grouped(one)[1][0].decode() for one in found.get(11, [])]
        self.outputs = [grouped(one)[1][0].decode() for one in found.get(12, [])]


# --- safetensors (github.com/huggingface/safetensors, "Format") ---


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"]).copy()
        for name, entry in header.items()
    }


def write_safetensors(path, tensors):
    header, parts, end = {}, [], 0
    for name in sorted(tensors):
        data = np.ascontiguousarray(tensors[name], np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape), "data_offsets": [end, end + len(data)]}
        parts.append(data)
        end += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


# --- Operators (onnx/docs/Operators.md) ---


def ints(tensor):
    return [int(value) for value in tensor.flatten().tolist()]


def torch_pads(pads):
    """ONNX: all begins, then all ends; PyTorch: pairs from the last axis on."""
    half = len(pads) // 2
    return [pads[axis + side * half] for axis in reversed(range(half)) for side in (0, 1)]


def conv(x, w, b=None, pads=None, strides=None, dilations=None, group=1, **_):
    rank = x.dim() - 2
    run = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[rank]
    x = F.pad(x, torch_pads(pads or [0] * 2 * rank))
    return run(x, w, b, stride=strides or 1, dilation=dilations or 1, groups=group)


def conv_transpose(x, w, b=None, pads=None, strides=None, dilations=None, group=1, output_padding=None, **_):
    rank = x.dim() - 2
    run = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[rank]
    whole = run(x, w, None, stride=strides or 1, dilation=dilations or 1, groups=group)
    begins, ends = np.split(np.array(pads or [0] * 2 * rank), 2)
    ends = ends - np.array(output_padding or [0] * rank)
    y = F.pad(whole, torch_pads([-int(p) for p in [*begins, *ends]]))
    return y if b is None else y + b.reshape(1, -1, *[1] * rank)


def pool(x, kernel_shape, mode, pads=None, strides=None, count_include_pad=0, **_):
    around = torch_pads(pads or [0] * 4)
    strides = strides or [1] * len(kernel_shape)
    if mode == "max":
        return F.max_pool2d(F.pad(x, around, value=-torch.inf), kernel_shape, strides)
    total = F.avg_pool2d(F.pad(x, around), kernel_shape, strides)
    if count_include_pad:
        return total
    return total / F.avg_pool2d(F.pad(torch.ones_like(x), around), kernel_shape, strides)


def pad(x, pads, value=None, axes=None, mode="constant"):
    axes = list(range(x.dim())) if axes is None else [axis % x.dim() for axis in ints(axes)]
    every, given = [0] * 2 * x.dim(), ints(pads)
    for n, axis in enumerate(axes):
        every[axis], every[axis + x.dim()] = given[n], given[n + len(axes)]
    return F.pad(x, torch_pads(every), mode, 0.0 if value is None else value.item())


def slices(x, starts, ends, axes=None, steps=None):
    starts, ends = ints(starts), ints(ends)
    axes = list(range(len(starts))) if axes is None else ints(axes)
    steps = [1] * len(starts) if steps is None else ints(steps)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        chosen = range(x.shape[axis])[slice(start, end if end >= -x.shape[axis] else None, step)]
        x = x.index_select(axis, torch.tensor(list(chosen), device=x.device, dtype=torch.int64))
    return x


def gather(x, indices, axis=0):
    axis %= x.dim()
    indices = indices.to(torch.int64)
    indices = torch.where(indices < 0, indices + x.shape[axis], indices)
    found = x.index_select(axis, indices.flatten())
    return found.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


def scatter_nd(x, indices, updates, reduction="none"):
    y = x.clone()
    at = tuple(indices.to(torch.int64).unbind(-1))
    return y.index_put_(at, updates, accumulate=reduction == "add")


def reshape(x, shape, allowzero=0):
    return x.reshape([x.shape[n] if size == 0 and not allowzero else size for n, size in enumerate(ints(shape))])


def expand(x, shape):
    return x.expand(torch.broadcast_shapes(x.shape, ints(shape)))


def reduced(run):
    def apply(x, axes=None, keepdims=1, noop_with_empty_axes=0):
        chosen = list(range(x.dim())) if axes is None else ints(axes)
        return run(x, chosen, bool(keepdims))

    return apply


def resize(x, roi=None, scales=None, sizes=None, mode="nearest", coordinate_transformation_mode="half_pixel", **_):
    if coordinate_transformation_mode not in ("half_pixel", "align_corners") or mode not in ("linear", "cubic"):
        raise NotImplementedError(f"Resize, {mode}, {coordinate_transformation_mode}")
    wanted = ints(sizes)[2:] if sizes is not None else [int(s * n) for s, n in zip(scales.tolist()[2:], x.shape[2:])]
    corners = coordinate_transformation_mode == "align_corners"
    return F.interpolate(x, wanted, mode={"linear": "bilinear", "cubic": "bicubic"}[mode], align_corners=corners)


def split(x, sizes=None, axis=0, num_outputs=None):
    if sizes is not None:
        return x.split(ints(sizes), axis)
    return x.split(-(-x.shape[axis] // num_outputs), axis)


def gemm(a, b, c=None, alpha=1.0, beta=1.0, transA=0, transB=0):
    y = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return y if c is None else y + beta * c


def fused_matmul(a, b, transA=0, transB=0, alpha=1.0, **_):
    return alpha * ((a.mT if transA else a) @ (b.mT if transB else b))


def linear_attention(query, key, value, state, decay, q_num_heads, kv_num_heads, scale, update_rule):
    """onnxruntime's: in each head S <- exp(decay) S + key value^T, and the output is scale query^T S."""
    if update_rule != "gated" or q_num_heads != 1:
        raise NotImplementedError(f"LinearAttention, {update_rule}, {q_num_heads} heads")
    batch, tokens, states = query.shape
    value = value.reshape(batch, tokens, kv_num_heads, 1, -1)
    gate = torch.exp(decay.reshape(batch, tokens, kv_num_heads, states, 1))
    outputs = []
    for t in range(tokens):
        state = gate[:, t] * state + key[:, t, None, :, None] * value[:, t]
        outputs.append(scale * (query[:, t, None, None, :] @ state).reshape(batch, -1))
    return torch.stack(outputs, 1), state


def arg_max(x, axis=0, keepdims=1, **_):
    return x.argmax(axis, keepdim=bool(keepdims))


def top_k(x, k, axis=-1, largest=1, sorted=1):
    return x.topk(int(k), axis, bool(largest), bool(sorted))


def layer_norm(x, scale, bias=None, axis=-1, epsilon=1e-5, **_):
    axes = list(range(axis % x.dim(), x.dim()))
    mean = x.mean(axes, keepdim=True)
    inverse = torch.rsqrt((x - mean).square().mean(axes, keepdim=True) + epsilon)
    y = (x - mean) * inverse * scale
    return y if bias is None else y + bias, mean, inverse


def batch_norm(x, scale, bias, mean, variance, epsilon=1e-5, **_):
    return F.batch_norm(x, mean, variance, scale, bias, False, 0, epsilon)


def col2im(x, image, block, dilations=None, pads=None, strides=None):
    pads = pads or [0, 0, 0, 0]
    if pads[:2] != pads[2:]:
        raise NotImplementedError("Col2Im with uneven pads")
    return F.fold(x, ints(image), ints(block), dilations or 1, pads[:2], strides or 1)


def squeeze(x, axes=None):
    gone = range(x.dim()) if axes is None else [axis % x.dim() for axis in ints(axes)]
    return x.reshape([size for n, size in enumerate(x.shape) if n not in gone or size != 1])


def unsqueeze(x, axes):
    rank = x.dim() + len(ints(axes))
    for axis in sorted(axis % rank for axis in ints(axes)):
        x = x.unsqueeze(axis)
    return x


def grid_sample(x, grid, mode="linear", padding_mode="zeros", align_corners=0):
    modes = {"linear": "bilinear", "cubic": "bicubic", "nearest": "nearest"}
    return F.grid_sample(x, grid, modes[mode], padding_mode, bool(align_corners))


def broadcast_fold(run):
    def apply(*tensors):
        result = tensors[0]
        for other in tensors[1:]:
            result = run(result, other)
        return result

    return apply


OPERATORS = {
    "Abs": torch.abs,
    "Add": torch.add,
    "And": torch.logical_and,
    "ArgMax": arg_max,
    "AveragePool": lambda x, **a: pool(x, mode="average", **a),
    "BatchNormalization": batch_norm,
    "Ceil": torch.ceil,
    "Clip": lambda x, low=None, high=None: x.clamp(low, high),
    "Col2Im": col2im,
    "Concat": lambda *x, axis: torch.cat(x, axis),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": torch.div,
    "Equal": torch.eq,
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Expand": expand,
    "Floor": torch.floor,
    "Gather": gather,
    "com.microsoft.FusedMatMul": fused_matmul,
    "com.microsoft.LinearAttention": linear_attention,
    "Gelu": lambda x, approximate="none": F.gelu(x, approximate=approximate),
    "Gemm": gemm,
    "GlobalAveragePool": lambda x: x.mean(list(range(2, x.dim())), keepdim=True),
    "GlobalMaxPool": lambda x: x.amax(list(range(2, x.dim())), keepdim=True),
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "GridSample": grid_sample,
    "Identity": lambda x: x,
    "LayerNormalization": layer_norm,
    "LeakyRelu": lambda x, alpha=0.01: F.leaky_relu(x, alpha),
    "Less": torch.lt,
    "LessOrEqual": torch.le,
    "Log": torch.log,
    "LogSoftmax": lambda x, axis=-1: F.log_softmax(x, axis),
    "MatMul": torch.matmul,
    "Max": broadcast_fold(torch.maximum),
    "MaxPool": lambda x, **a: pool(x, mode="max", **a),
    "Min": broadcast_fold(torch.minimum),
    "Mul": torch.mul,
    "Neg": torch.neg,
    "Not": torch.logical_not,
    "Or": torch.logical_or,
    "Pad": pad,
    "Pow": torch.pow,
    "Reciprocal": torch.reciprocal,
    "ReduceMax": reduced(torch.amax),
    "ReduceMean": reduced(torch.mean),
    "ReduceMin": reduced(torch.amin),
    "ReduceSum": reduced(torch.sum),
    "ReduceSumSquare": reduced(lambda x, axes, keep: x.square().sum(axes, keep)),
    "Relu": torch.relu,
    "Reshape": reshape,
    "Resize": resize,
    "ScatterND": scatter_nd,
    "Sigmoid": torch.sigmoid,
    "Sign": torch.sign,
    "Slice": slices,
    "Softmax": lambda x, axis=-1: F.softmax(x, axis),
    "Split": split,
    "Sqrt": torch.sqrt,
    "Squeeze": squeeze,
    "Sub": torch.sub,
    "Sum": broadcast_fold(torch.add),
    "Tanh": torch.tanh,
    "Tile": lambda x, repeats: x.repeat(ints(repeats)),
    "TopK": top_k,
    "Transpose": lambda x, perm: x.permute(perm),
    "Unsqueeze": unsqueeze,
    "Where": torch.where,
}


class Runner:
    def __init__(self, graph, device="cpu", double=False):
        self.graph = graph
        self.device = device
        self.double = double

    def tensor(self, array):
        tensor = torch.from_numpy(np.asarray(array)).to(self.device)
        return tensor.double() if self.double and tensor.is_floating_point() else tensor

    def run(self, inputs):
        values = {name: self.tensor(inputs[name]) for name in self.graph.inputs}
        with torch.no_grad():
            results = self.evaluate(self.graph, values)
        return {name: value.float().cpu().numpy() for name, value in zip(self.graph.outputs, results)}

    def evaluate(self, graph, values):
        values.update((name, self.tensor(array)) for name, array in graph.constants.items())
        has_bodies = any(isinstance(one, Graph) for node in graph.nodes for one in node.attributes.values())
        last = {name: n for n, node in enumerate(graph.nodes) for name in node.inputs}
        for n, node in enumerate(graph.nodes):
            given = [values[name] if name else None for name in node.inputs]
            results = self.apply(node, given, values)
            results = results if isinstance(results, (tuple, list)) else [results]
            values.update(zip(node.outputs, results))
            # A body may use any name around it, so that nothing is let go of where there is one.
            for name in set() if has_bodies else set(node.inputs) - {""}:
                if last[name] == n and name not in graph.outputs:
                    values.pop(name, None)
        return [values[name] for name in graph.outputs]

    def apply(self, node, given, values):
        if node.operator == "Scan":
            return self.scan(given, values, **node.attributes)
        if node.operator == "Cast":
            wanted = self.tensor(np.zeros(0, DTYPES[node.attributes["to"]])).dtype
            return given[0].to(wanted)
        if node.operator == "ConstantOfShape":
            value = node.attributes.get("value", np.zeros(1, np.float32))
            return self.tensor(value).expand(ints(given[0])).clone()
        run = OPERATORS.get(node.operator)
        if run is None:
            raise NotImplementedError(f"{node.operator} ({node.name})")
        return run(*given, **node.attributes)

    def scan(self, given, around, body, num_scan_inputs, **attributes):
        state, rows = given[: len(given) - num_scan_inputs], given[len(given) - num_scan_inputs :]
        outputs = len(body.outputs) - len(state)
        directions = attributes.get("scan_input_directions", [0] * num_scan_inputs)
        backwards = attributes.get("scan_output_directions", [0] * outputs)
        steps = rows[0].shape[0]
        collected = [[] for _ in range(outputs)]
        for step in range(steps):
            row = [one[steps - 1 - step if turned else step] for one, turned in zip(rows, directions)]
            results = self.evaluate(body, {**around, **dict(zip(body.inputs, [*state, *row]))})
            state = results[: len(state)]
            for one, result in zip(collected, results[len(state) :]):
                one.append(result)
        return [*state, *(torch.stack(one[::-1] if turned else one) for one, turned in zip(collected, backwards))]


def read_model(path):
    with open(path, "rb") as file:
        return Graph(grouped(file.read())[7][0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("inputs", nargs="?", type=Path)
    parser.add_argument("outputs", nargs="?", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--double", action="store_true")
    asked = parser.parse_args()
    models = sorted(asked.model.glob("*.onnx")) if asked.model.is_dir() else [asked.model]
    for model in models:
        inputs = asked.inputs or model.with_suffix(".inputs.safetensors")
        outputs = asked.outputs or model.with_suffix(".outputs.safetensors")
        runner = Runner(read_model(model), asked.device, asked.double)
        try:
            write_safetensors(outputs, runner.run(read_safetensors(inputs)))
        except NotImplementedError as error:
            if not asked.model.is_dir():
                raise SystemExit(f"This runner does not know {error}")
            print(f"{model.stem}: {error}")
