export { type GrpcMessages, grpcAnswer, grpcRequest } from './grpc-messages.ts';
export { httpAnswer, httpRequest, jsonLengthHeader } from './http-body.ts';
export {
  InferenceService,
  type ServedModel,
  type ServedModels,
  type ServerFacts,
} from './inference-service.ts';
export { type RequestFailure, requestFailure } from './request-failure.ts';
export type { InferenceServer, InferenceServerOptions } from './server-options.ts';
