export { exposition } from './exposition.ts';
export { type MetricsServer, type MetricsServerOptions, serveMetrics } from './server.ts';
