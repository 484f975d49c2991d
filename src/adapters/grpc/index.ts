// Around: @grpc/grpc-js

export { type GrpcServer, serveInferenceGrpc } from './server.ts';
