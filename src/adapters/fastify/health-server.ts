import { createServer, type Server } from 'node:http';
import { ConnectionGate, listen } from '../../platform/index.ts';

export interface Health {
  readonly status: number;
  readonly body: unknown;
}

const maxConnections = 64;

/** GET /healthz on a port of its own and nothing else, so that nobody who fills the port for people hides it from a supervisor. */
export function healthServer(health: () => Health): Server {
  const server = createServer({
    requestTimeout: 5_000,
    headersTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
  });
  server.on('request', (request, response) => {
    const known = request.url === '/healthz' && (request.method === 'GET' || request.method === 'HEAD');
    const { status, body } = known ? health() : { status: 404, body: { code: 'route-unknown' } };
    const text = JSON.stringify(body);
    response.writeHead(status, {
      ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      ...{ connection: 'close', 'cache-control': 'no-store' },
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  });
  new ConnectionGate(server, maxConnections);
  return server;
}

/** Resolves when it listens; rejects with `address-taken` or `address-refused`. */
export async function listenForHealth(host: string, port: number, health: () => Health): Promise<Server> {
  const server = healthServer(health);
  await listen(server, port, host);
  return server;
}
