// Around: fastify

export { DeviceServer, type DeviceServerOptions, type ServerTls } from './device-server.ts';
export type { Locate } from './model-handlers.ts';
export { FleetServer, type FleetServerOptions, type FleetServerPorts } from './server.ts';
