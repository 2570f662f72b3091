import type { FieldRule, MessageFields } from './protobufReader.ts';

/*
 * The messages of a model, field by field (onnx.proto, IR 13): which wire types a field may have, and of
 * which message it is. A field that is not here is of a later version.
 */

const varint: FieldRule = { wireTypes: [0] };
const float: FieldRule = { wireTypes: [5] };
/** A text or plain bytes; or numbers that lie packed. */
const bytes: FieldRule = { wireTypes: [2] };
/** Numbers of a repeated field come one by one or packed. */
const varints: FieldRule = { wireTypes: [0, 2] };
const floats: FieldRule = { wireTypes: [5, 2] };
const of = (message: () => MessageFields): FieldRule => ({ wireTypes: [2], message });

const ENTRY: MessageFields = { 1: bytes, 2: bytes };

export const MODEL: MessageFields = {
  1: varint, // ir_version
  2: bytes, // producer_name
  3: bytes, // producer_version
  4: bytes, // domain
  5: varint, // model_version
  6: bytes, // doc_string
  7: of(() => GRAPH),
  8: of(() => OPSET), // opset_import
  14: of(() => ENTRY), // metadata_props
  20: of(() => TRAINING_INFO),
  25: of(() => FUNCTION),
  26: of(() => DEVICE_CONFIGURATION),
};

const OPSET: MessageFields = { 1: bytes /* domain */, 2: varint /* version */ };

const TRAINING_INFO: MessageFields = {
  1: of(() => GRAPH), // initialization
  2: of(() => GRAPH), // algorithm
  3: of(() => ENTRY), // initialization_binding
  4: of(() => ENTRY), // update_binding
};

const FUNCTION: MessageFields = {
  1: bytes, // name
  4: bytes, // input
  5: bytes, // output
  6: bytes, // attribute
  7: of(() => NODE),
  8: bytes, // doc_string
  9: of(() => OPSET),
  10: bytes, // domain
  11: of(() => ATTRIBUTE), // attribute_proto
  12: of(() => VALUE_INFO),
  13: bytes, // overload
  14: of(() => ENTRY), // metadata_props
};

const GRAPH: MessageFields = {
  1: of(() => NODE),
  2: bytes, // name
  5: of(() => TENSOR), // initializer
  10: bytes, // doc_string
  11: of(() => VALUE_INFO), // input
  12: of(() => VALUE_INFO), // output
  13: of(() => VALUE_INFO), // value_info
  14: of(() => ANNOTATION), // quantization_annotation
  15: of(() => SPARSE_TENSOR), // sparse_initializer
  16: of(() => ENTRY), // metadata_props
};

const ANNOTATION: MessageFields = { 1: bytes, 2: of(() => ENTRY) };

const NODE: MessageFields = {
  1: bytes, // input
  2: bytes, // output
  3: bytes, // name
  4: bytes, // op_type
  5: of(() => ATTRIBUTE),
  6: bytes, // doc_string
  7: bytes, // domain
  8: bytes, // overload
  9: of(() => ENTRY), // metadata_props
  10: of(() => NODE_DEVICES), // device_configurations
};

const ATTRIBUTE: MessageFields = {
  1: bytes, // name
  2: float, // f
  3: varint, // i
  4: bytes, // s
  5: of(() => TENSOR), // t
  6: of(() => GRAPH), // g
  7: floats,
  8: varints, // ints
  9: bytes, // strings
  10: of(() => TENSOR), // tensors
  11: of(() => GRAPH), // graphs
  13: bytes, // doc_string
  14: of(() => TYPE), // tp
  15: of(() => TYPE), // type_protos
  20: varint, // type
  21: bytes, // ref_attr_name
  22: of(() => SPARSE_TENSOR),
  23: of(() => SPARSE_TENSOR), // sparse_tensors
};

const TENSOR: MessageFields = {
  1: varints, // dims
  2: varint, // data_type
  3: of(() => ({ 1: varint, 2: varint })), // segment
  4: bytes, // float_data
  5: bytes, // int32_data
  6: bytes, // string_data
  7: bytes, // int64_data
  8: bytes, // name
  9: bytes, // raw_data
  10: bytes, // double_data
  11: bytes, // uint64_data
  12: bytes, // doc_string
  13: of(() => ENTRY), // external_data
  14: varint, // data_location
  16: of(() => ENTRY), // metadata_props
};

const SPARSE_TENSOR: MessageFields = {
  1: of(() => TENSOR), // values
  2: of(() => TENSOR), // indices
  3: varints, // dims
};

const VALUE_INFO: MessageFields = { 1: bytes, 2: of(() => TYPE), 3: bytes, 4: of(() => ENTRY) };

const TYPE: MessageFields = {
  1: of(() => TENSOR_TYPE),
  4: of(() => ({ 1: of(() => TYPE) })), // sequence_type
  5: of(() => ({ 1: varint, 2: of(() => TYPE) })), // map_type
  6: bytes, // denotation
  8: of(() => TENSOR_TYPE), // sparse_tensor_type
  9: of(() => ({ 1: of(() => TYPE) })), // optional_type
};

const TENSOR_TYPE: MessageFields = { 1: varint /* elem_type */, 2: of(() => SHAPE) };
const SHAPE: MessageFields = { 1: of(() => ({ 1: varint, 2: bytes, 3: bytes })) };

const DEVICE_CONFIGURATION: MessageFields = { 1: bytes, 2: varint, 3: bytes };
const NODE_DEVICES: MessageFields = { 1: bytes, 2: of(() => SHARDING), 3: varint };
const SHARDING: MessageFields = {
  1: bytes, // tensor_name
  2: varints, // device
  3: of(() => ({ 1: varint, 2: varints })), // index_to_device_group_map
  4: of(() => ({ 1: varint, 2: of(() => ({ 1: varint, 2: bytes, 3: varint })) })), // sharded_dim
};
