import { createServer } from 'node:http';
import { ConnectionGate, listen } from '../../platform/index.ts';
import type { Reading } from '../../telemetry/index.ts';
import { contentType, exposition } from './exposition.ts';
import { programRegistry } from './program-metrics.ts';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly readings: () => readonly Reading[];
  /** Of the agent. */
  readonly version: string;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

const mostConnections = 32;
/** A scraper is quick; who is not would hold a connection of a small device. */
const times = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };

/** Serves only `GET /metrics`. */
export async function serveMetrics({
  host,
  port,
  readings,
  version,
}: MetricsServerOptions): Promise<MetricsServer> {
  const program = programRegistry({ program: 'agent', version });
  const server = createServer(times, (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('The metrics are at /metrics.\n');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    Promise.resolve()
      .then(async () => `${await program.metrics()}\n${await exposition(readings())}`)
      .then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        () =>
          response.writeHead(500, { 'content-type': 'text/plain' }).end('The metrics could not be read.\n'),
      );
  });
  new ConnectionGate(server, mostConnections);
  const bound = await listen(
    server,
    port,
    host,
    'Choose another port (prometheus.port), or end that program.',
  );
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
