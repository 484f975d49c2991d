// Around: fastify

export type { Locate } from './model-handlers.ts';
export { FleetServer, type FleetServerOptions, type FleetServerPorts } from './server.ts';
