// Around: no package: ten routes without a body but one, which is read as bytes

export { type InferenceHttpServer, serveInferenceHttp } from './server.ts';
