"""Slices through SANet or GLMamba in PyTorch on one thread of the CPU, for test/bench/networks/index.ts.

usage: torch_networks.py NETWORK FILE OUTPUT

FILE is a safetensors file of float32: the weights by their names, the images as `input:<name>`. Each line on
stdin asks for that many slices; the answer is one line of JSON: how much the peak of resident memory has grown
since before the first, in bytes. OUTPUT gets the enhanced image, raw.

Written from the same readings as src/core/networks, with PyTorch's own operators: torchvision's deformable
convolution where it is there (grid_sample otherwise), and the recurrence of the scan as one compiled loop over
tokens, vectorised over directions, channels and states.
"""

import json
import resource
import struct
import sys

import numpy
import torch
import torch.nn.functional as F

try:
    from torchvision.ops import deform_conv2d
except ImportError:
    deform_conv2d = None


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[start:end], dtype=numpy.float32).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


class Weights:
    """The weights below a prefix."""

    def __init__(self, tensors, prefix=""):
        self.tensors = tensors
        self.prefix = prefix

    def __getitem__(self, name):
        return self.tensors[self.prefix + name]

    def get(self, name):
        return self.tensors.get(self.prefix + name)

    def below(self, name):
        return Weights(self.tensors, f"{self.prefix}{name}.")


def conv(w, name, x, **options):
    weight = w[f"{name}.weight"]
    options.setdefault("padding", weight.shape[-1] // 2)
    return F.conv2d(x, weight, w.get(f"{name}.bias"), **options)


def linear(w, name, x):
    return F.linear(x, w[f"{name}.weight"], w.get(f"{name}.bias"))


def layer_norm(w, name, x):
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])


# SANet


def channel_attention(w, x):
    squeezed = F.relu(conv(w, "conv_du.0", x.mean((2, 3), keepdim=True)))
    return x * torch.sigmoid(conv(w, "conv_du.2", squeezed))


def residual_group(w, x, blocks):
    y = x
    for n in range(blocks):
        b = w.below(f"body.{n}")
        y = y + channel_attention(b.below("body.3"), conv(b, "body.2", F.relu(conv(b, "body.0", y))))
    return conv(w, f"body.{blocks}", y) + x


def normalised(w, name, x):
    y = conv(w, f"{name}.0", x)
    n = w.below(f"{name}.1")
    return F.relu(F.batch_norm(y, n["running_mean"], n["running_var"], n["weight"], n["bias"]))


def channel_spatial_attention(w, x):
    volume = F.conv3d(x[:, None], w["conv.weight"], w["conv.bias"], padding=1)[:, 0]
    return torch.sigmoid(volume) * w["gamma"] * x + x


def sanet(w, images):
    stages, blocks = 4, 6
    net1, net2 = w.below("net1"), w.below("net2")
    a = a0 = conv(net1, "head.0", images["reference"])
    t = t0 = conv(w, "tail.1", F.pixel_shuffle(conv(w, "tail.0.0", conv(net2, "head.0", images["target"])), 2))
    kept_a, kept_t = [], []
    for n in range(stages):
        a = residual_group(net1.below(f"body.{n}"), a, blocks)
        t = residual_group(net2.below(f"body.{n}"), t, blocks)
        kept_a.append(a)
        kept_t.append(t)
        g = torch.sigmoid(conv(w, f"map_convs.{n}", a))
        s = w.below(f"Seatts.{n}")
        f = conv(s, "reduce", torch.cat([a, t], 1))
        joined = torch.cat([normalised(s, "ff_conv", f * g), normalised(s, "bf_conv", f * (1 - g))], 1)
        p = s.below("rgbd_pred_layer")
        t = t + conv(p, "outlayer.0", normalised(p, "enlayer", joined))
    x = torch.stack(kept_a + kept_t, 1)
    vectors = x.flatten(2)
    energy = vectors @ vectors.transpose(1, 2)
    attention = torch.softmax(energy.max(-1, keepdim=True).values - energy, -1)
    mixed = (net2["la.gamma"] * (attention @ vectors) + vectors).reshape(x.flatten(1, 2).shape)
    together = conv(net2, "last_conv", mixed)
    inside = channel_spatial_attention(net2.below("csa"), t)
    return conv(net2, "final", conv(net2, "last", torch.cat([inside, together], 1)) + t0)


# GLMamba


def deformable(w, x):
    offset, mask = conv(w, "offset", x), torch.sigmoid(conv(w, "mask", x))
    if deform_conv2d is not None:
        return deform_conv2d(x, offset, w["weight"], padding=1, mask=mask)
    _, channels, height, width = x.shape
    rows = torch.arange(height, dtype=x.dtype)[:, None]
    columns = torch.arange(width, dtype=x.dtype)[None, :]
    sampled = []
    for k in range(9):
        y = rows + k // 3 - 1 + offset[0, 2 * k]
        z = columns + k % 3 - 1 + offset[0, 2 * k + 1]
        grid = torch.stack([2 * z / (width - 1) - 1, 2 * y / (height - 1) - 1], -1)[None]
        sampled.append(F.grid_sample(x, grid, align_corners=True) * mask[:, k : k + 1])
    taps = torch.stack(sampled, 2).reshape(1, channels * 9, height * width)
    return (w["weight"].reshape(channels, -1) @ taps).reshape(x.shape)


@torch.jit.script
def recurrence(x: torch.Tensor, delta: torch.Tensor, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor):
    """x, delta [L, S, D], a [S, D, N], b and c [L, S, N] → [L, S, D]."""
    h = torch.zeros_like(a)
    driven = delta * x
    results = []
    for t in range(x.shape[0]):
        h = torch.exp(delta[t].unsqueeze(-1) * a) * h + driven[t].unsqueeze(-1) * b[t].unsqueeze(1)
        results.append(torch.bmm(h, c[t].unsqueeze(-1)).squeeze(-1))
    return torch.stack(results)


def scan(w, x, parts):
    """x [P, d, h, w], each map by itself; parts of a map are stacked on P."""
    count, channels, height, width = x.shape
    rows = x.flatten(2)
    columns = x.transpose(2, 3).flatten(2)
    sequences = torch.stack([rows, columns, rows.flip(-1), columns.flip(-1)], 1)
    states = w["A_logs"].shape[1]
    rank = w["dt_projs_weight"].shape[-1]
    projected = torch.einsum("bkdl,kcd->bkcl", sequences, w["x_proj_weight"])
    dt, b, c = projected.split([rank, states, states], 2)
    delta = F.softplus(torch.einsum("bkrl,kdr->bkdl", dt, w["dt_projs_weight"]) + w["dt_projs_bias"][None, :, :, None])
    length = height * width
    tokens = lambda y: y.permute(3, 0, 1, 2).reshape(length, count * 4, -1).contiguous()
    a = -torch.exp(w["A_logs"]).reshape(4, channels, states).repeat(count, 1, 1)
    y = recurrence(tokens(sequences), tokens(delta), a, tokens(b), tokens(c))
    y = y.reshape(length, count, 4, channels).permute(1, 2, 3, 0) + w["Ds"].reshape(1, 4, channels, 1) * sequences
    back = lambda z: z.reshape(count, channels, width, height).transpose(2, 3)
    flat = lambda z: z.reshape(count, channels, height, width)
    return flat(y[:, 0]) + back(y[:, 1]) + flat(y[:, 2].flip(-1)) + back(y[:, 3].flip(-1))


def mamba(w, tokens, quadrants):
    channels = w["in_proj.weight"].shape[0] // 2
    a, z = linear(w, "in_proj", layer_norm(w, "ln_1", tokens)).chunk(2, -1)
    x = F.silu(conv(w, "conv2d", a.permute(0, 3, 1, 2), groups=channels))
    if quadrants:
        half = x.shape[2] // 2
        parts = torch.cat([part for row in x.chunk(2, 2) for part in row.chunk(2, 3)])
        done = scan(w.below("scan"), parts, 4)
        x = torch.cat([torch.cat([done[:1], done[1:2]], 3), torch.cat([done[2:3], done[3:]], 3)], 2)
        assert x.shape[2] == 2 * half
    else:
        x = scan(w.below("scan"), x, 1)
    y = linear(w, "out_proj", layer_norm(w, "out_norm", x.permute(0, 2, 3, 1)) * F.silu(z))
    ca = w.below("ca")
    means = y.mean((1, 2))[:, :, None, None]
    gates = torch.sigmoid(conv(ca, "fc2", F.relu(conv(ca, "fc1", means))))
    return tokens + y * gates[:, None, None, :, 0, 0] if gates.dim() == 2 else tokens + y * gates.permute(0, 2, 3, 1)


def stage(w, x, quadrants):
    d = deformable(w.below("deform"), x)
    tokens = conv(w, "embed", x, stride=2, padding=0).permute(0, 2, 3, 1)
    done = mamba(w.below("mamba"), tokens, quadrants).permute(0, 3, 1, 2)
    m = F.conv_transpose2d(done, w["unembed.weight"], w["unembed.bias"], stride=2)
    return m * torch.sigmoid(d) + d


def glmamba(w, images):
    a = conv(w, "head_lr", F.pixel_shuffle(conv(w, "up", images["target"]), 2))
    r = conv(w, "head_ref", images["reference"])
    for n in range(2):
        a = stage(w.below(f"lr.{n}"), a, False)
        r = stage(w.below(f"ref.{n}"), r, True)
    maps = torch.softmax(conv(w, "fuse.conv", torch.cat([a, r], 1)), 1)
    parts = [a - r, a * r, a * maps[:, :1] + r * maps[:, 1:]]
    maxima = torch.cat([part.amax((2, 3)) for part in parts], 1)
    gates = torch.softmax(linear(w, "fuse.fc", maxima), 1)
    fused = sum(gates[:, n, None, None, None] * part for n, part in enumerate(parts))
    return conv(w, "rec_sr", fused)


def peak_bytes():
    """Of this process's own address space: what getrusage says begins with the peak of the one that started it."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main():
    network, path, output = sys.argv[1:]
    torch.set_num_threads(1)
    tensors = read(path)
    images = {name[6:]: tensor for name, tensor in tensors.items() if name.startswith("input:")}
    run = {"sanet": sanet, "glmamba": glmamba}[network]
    before = peak_bytes()
    for line in sys.stdin:
        with torch.inference_mode():
            for _ in range(int(line)):
                result = run(Weights(tensors), images)
        result.numpy().tofile(output)
        print(json.dumps({"grown": peak_bytes() - before}), flush=True)


main()
