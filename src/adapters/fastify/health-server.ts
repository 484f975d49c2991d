import { createServer, type Server, type ServerResponse } from 'node:http';
import { ConnectionGate, listen } from '../../platform/index.ts';

export interface Health {
  readonly status: number;
  readonly body: unknown;
}

/** What a supervisor and Prometheus ask a process. */
export interface Probes {
  /** GET /healthz: it does its work. GET /livez needs no answer from here: it answers while the process does. */
  readonly health: () => Health;
  /** GET /metrics: of the process, so nothing that is for people with a token. */
  readonly metrics?: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

const maxConnections = 64;

/** A port for probes alone: a flood at the port for people does not hide them from a supervisor. */
export function healthServer(probes: Probes): Server {
  const server = createServer({
    requestTimeout: 5_000,
    headersTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
  });
  server.on('request', async (request, response) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const answer = (status: number, text: string, contentType = 'application/json') =>
      send(response, { status, text: request.method === 'HEAD' ? undefined : text, contentType, of: text });
    const say = ({ status, body }: Health) => answer(status, JSON.stringify(body));
    const unknown = { status: 404, body: { code: 'route-unknown' } };
    if (!reads) say(unknown);
    else if (request.url === '/livez') say({ status: 200, body: { status: 'ok' } });
    else if (request.url === '/healthz') say(probes.health());
    else if (request.url === '/metrics' && probes.metrics !== undefined)
      await probes.metrics().then(
        ({ text, contentType }) => answer(200, text, contentType),
        () => say({ status: 500, body: { code: 'metrics-failed' } }),
      );
    else say(unknown);
  });
  new ConnectionGate(server, maxConnections);
  return server;
}

interface Sent {
  readonly status: number;
  readonly contentType: string;
  /** Text whose length is in the answer, also where it is not sent. */
  readonly of: string;
  readonly text: string | undefined;
}

function send(response: ServerResponse, { status, contentType, of, text }: Sent): void {
  response.writeHead(status, {
    ...{ 'content-type': contentType, 'content-length': Buffer.byteLength(of) },
    ...{ connection: 'close', 'cache-control': 'no-store' },
  });
  response.end(text);
}

/** Resolves when it listens; rejects with `address-taken` or `address-refused`. */
export async function listenForHealth(host: string, port: number, probes: Probes): Promise<Server> {
  const server = healthServer(probes);
  await listen(server, port, host);
  return server;
}
