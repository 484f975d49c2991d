// Around: fastify

export type { Locate } from './model-routes.ts';
export { FleetServer, type FleetServerOptions, type FleetServerPorts } from './server.ts';
