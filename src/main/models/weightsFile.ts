import { readOnnx } from '../../core/graph/onnx/readOnnx.ts';
import { type NamedTensor, readSafetensors } from '../../core/graph/safetensors.ts';

/** Weights as they were stored by whoever trained them. */
export interface WeightsFile {
  readonly format: 'safetensors' | 'onnx';
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Types of the tensors that are no floating point, by name: they are not read. */
  readonly otherTypes: ReadonlyMap<string, string>;
}

/** What PyTorch's batch norm keeps beside its statistics, a whole number that no result depends on. */
const STEP_COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * Reads a safetensors file, or the initialisers of an ONNX model by their names. What it is, its bytes say:
 * the header of a safetensors file is far shorter than 4 GiB, so that bytes 4 to 7 are 0, and no ONNX model
 * begins like that. A model is read for its values alone and never run, so operators of unknown domains
 * (deformable convolutions and scans are exported as such) do no harm. Throws `bad-tensor-file`, `bad-model`.
 */
export function readWeightsFile(bytes: Uint8Array, path: string): WeightsFile {
  if (bytes.subarray(4, 8).some((byte) => byte !== 0)) {
    const { tensors, otherTensors } = readOnnx(bytes, path);
    const otherTypes = new Map([...otherTensors].map(([name, { dataType }]) => [name, dataType]));
    return { format: 'onnx', tensors, otherTypes };
  }
  const { tensors } = readSafetensors(bytes, path, (name) => !STEP_COUNTER.test(name));
  return { format: 'safetensors', tensors, otherTypes: new Map() };
}
