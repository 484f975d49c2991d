// Around: prom-client

export { FleetMetrics } from './fleet-metrics.ts';
export { type MetricsServer, type MetricsServerOptions, serveMetrics } from './server.ts';
export { WorkMetrics } from './work-metrics.ts';
