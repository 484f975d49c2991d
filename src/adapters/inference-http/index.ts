// Around: no package: seven routes, one of which has a body, that is read as bytes

export { serveInferenceHttp } from './server.ts';
