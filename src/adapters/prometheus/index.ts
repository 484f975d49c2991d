// Around: prom-client

export { FleetMetrics } from './fleet-metrics.ts';
export { ProcessMetrics, type ProcessPart } from './process-metrics.ts';
export { type MetricsServer, type MetricsServerOptions, serveMetrics } from './server.ts';
