"""Training steps of a small convolutional network in PyTorch, one thread, for test/bench/graph/training.ts.

usage: torch_training.py NETWORK FILE LEARNING_RATE

FILE holds one line of JSON, the list of shapes, then the float32 values of the tensors in that order: the
input, the truth, and the weight and bias of every convolution. Each line on stdin asks for that many steps;
the answer is one line of JSON: the loss before the last of them, and how much the peak of resident memory has
grown since before the network was made, in bytes.
"""

import json
import resource
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def peak_bytes():
    """Of this process's own address space: what getrusage says begins with the peak of the one that started it."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def convolve(x, parameters, n):
    weight, bias = parameters[2 * n], parameters[2 * n + 1]
    return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)


def plain(x, parameters):
    layers = len(parameters) // 2
    for n in range(layers - 1):
        x = F.relu(convolve(x, parameters, n))
    return convolve(x, parameters, layers - 1)


def srcnn(x, parameters):
    """x has the zero-filled image and the reference as its channels."""
    return x[:, :1] + plain(x, parameters)


def residual(x, parameters):
    last = len(parameters) // 2 - 1
    features = convolve(x, parameters, 0)
    for n in range(1, last, 2):
        features = features + convolve(F.relu(convolve(features, parameters, n)), parameters, n + 1)
    return x + convolve(features, parameters, last)


def read(path):
    with open(path, "rb") as file:
        shapes = json.loads(file.readline())
        tensors = []
        for shape in shapes:
            count = 1
            for size in shape:
                count *= size
            data = bytearray(file.read(4 * count))
            tensors.append(torch.frombuffer(data, dtype=torch.float32).reshape(shape).clone())
    return tensors


def main():
    network = {"plain": plain, "srcnn": srcnn, "residual": residual}[sys.argv[1]]
    before = peak_bytes()
    x, truth, *parameters = read(sys.argv[2])
    parameters = [parameter.requires_grad_() for parameter in parameters]
    optimiser = torch.optim.Adam(parameters, lr=float(sys.argv[3]))
    for line in sys.stdin:
        for _ in range(int(line)):
            optimiser.zero_grad()
            loss = F.mse_loss(network(x, parameters), truth)
            loss.backward()
            optimiser.step()
        print(json.dumps({"loss": loss.item(), "grown": peak_bytes() - before}), flush=True)


main()
