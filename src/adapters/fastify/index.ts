// Around: fastify

export { ApiServer, type ApiServerOptions, type ApiServerPorts } from './api-server.ts';
export { DeviceServer, type DeviceServerOptions, type ServerTls } from './device-server.ts';
export { type Health, listenForHealth, type Probes } from './health-server.ts';
export { FleetServer, type FleetServerOptions, type FleetServerPorts } from './server.ts';
