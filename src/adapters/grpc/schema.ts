/*
 * The service `inference.GRPCInferenceService` of the Open Inference Protocol as protobufjs describes a schema. Numbers and names:
 * https://github.com/kserve/open-inference-protocol (specification/protocol/open_inference_grpc.proto), and of RepositoryIndex
 * https://github.com/triton-inference-server/common (protobuf/grpc_service.proto). Calls that load and unload models are the
 * fleet's here, and are left out.
 */

type Fields = Readonly<Record<string, readonly [type: string, id: number]>>;

/** `repeated` stands in front of the type, as in a .proto file. */
function message(fields: Fields, more: object = {}) {
  const entries = Object.entries(fields).map(([name, [text, id]]) => {
    const [type = '', rule] = text.split(' ').reverse();
    const [, keyType, valueType] = /^map<(\w+),(\w+)>$/.exec(type) ?? [];
    return [
      name,
      keyType === undefined ? { type: valueType ?? type, id, rule } : { keyType, type: valueType, id },
    ];
  });
  return { fields: Object.fromEntries(entries), ...more };
}

const named = message({ name: ['string', 1], version: ['string', 2] });
const parameters = ['map<string,InferParameter>', 4] as const;
const tensor = {
  name: ['string', 1],
  datatype: ['string', 2],
  shape: ['repeated int64', 3],
  parameters,
  contents: ['InferTensorContents', 5],
} as const;

const calls = [
  'ServerLive',
  'ServerReady',
  'ModelReady',
  'ServerMetadata',
  'ModelMetadata',
  'ModelInfer',
  'RepositoryIndex',
];

export const serviceName = 'inference.GRPCInferenceService';

export const schema = {
  nested: {
    inference: {
      nested: {
        GRPCInferenceService: {
          methods: Object.fromEntries(
            calls.map((call) => [call, { requestType: `${call}Request`, responseType: `${call}Response` }]),
          ),
        },
        ServerLiveRequest: message({}),
        ServerLiveResponse: message({ live: ['bool', 1] }),
        ServerReadyRequest: message({}),
        ServerReadyResponse: message({ ready: ['bool', 1] }),
        ModelReadyRequest: named,
        ModelReadyResponse: message({ ready: ['bool', 1] }),
        ServerMetadataRequest: message({}),
        ServerMetadataResponse: message({
          name: ['string', 1],
          version: ['string', 2],
          extensions: ['repeated string', 3],
        }),
        ModelMetadataRequest: named,
        ModelMetadataResponse: message(
          {
            name: ['string', 1],
            versions: ['repeated string', 2],
            platform: ['string', 3],
            inputs: ['repeated TensorMetadata', 4],
            outputs: ['repeated TensorMetadata', 5],
          },
          {
            nested: {
              TensorMetadata: message({
                name: ['string', 1],
                datatype: ['string', 2],
                shape: ['repeated int64', 3],
              }),
            },
          },
        ),
        ModelInferRequest: message(
          {
            model_name: ['string', 1],
            model_version: ['string', 2],
            id: ['string', 3],
            parameters,
            inputs: ['repeated InferInputTensor', 5],
            outputs: ['repeated InferRequestedOutputTensor', 6],
            raw_input_contents: ['repeated bytes', 7],
          },
          {
            nested: {
              InferInputTensor: message(tensor),
              InferRequestedOutputTensor: message({
                name: ['string', 1],
                parameters: ['map<string,InferParameter>', 2],
              }),
            },
          },
        ),
        ModelInferResponse: message(
          {
            model_name: ['string', 1],
            model_version: ['string', 2],
            id: ['string', 3],
            parameters,
            outputs: ['repeated InferOutputTensor', 5],
            raw_output_contents: ['repeated bytes', 6],
          },
          { nested: { InferOutputTensor: message(tensor) } },
        ),
        InferParameter: message(
          {
            bool_param: ['bool', 1],
            int64_param: ['int64', 2],
            string_param: ['string', 3],
            double_param: ['double', 4],
            uint64_param: ['uint64', 5],
          },
          {
            oneofs: {
              parameter_choice: {
                oneof: ['bool_param', 'int64_param', 'string_param', 'double_param', 'uint64_param'],
              },
            },
          },
        ),
        InferTensorContents: message({
          bool_contents: ['repeated bool', 1],
          int_contents: ['repeated int32', 2],
          int64_contents: ['repeated int64', 3],
          uint_contents: ['repeated uint32', 4],
          uint64_contents: ['repeated uint64', 5],
          fp32_contents: ['repeated float', 6],
          fp64_contents: ['repeated double', 7],
          bytes_contents: ['repeated bytes', 8],
        }),
        RepositoryIndexRequest: message({ repository_name: ['string', 1], ready: ['bool', 2] }),
        RepositoryIndexResponse: message(
          { models: ['repeated ModelIndex', 1] },
          {
            nested: {
              ModelIndex: message({
                name: ['string', 1],
                version: ['string', 2],
                state: ['string', 3],
                reason: ['string', 4],
              }),
            },
          },
        ),
      },
    },
  },
};
