// Around: @grpc/grpc-js with @grpc/proto-loader: its service is described by that.

export { serveInferenceGrpc } from './server.ts';
