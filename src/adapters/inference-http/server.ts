import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { defined, describeError, MissingError, RefusedError } from '../../base/index.ts';
import { ConnectionGate, listen } from '../../platform/index.ts';
import {
  httpAnswer,
  httpRequest,
  type InferenceServer,
  type InferenceServerOptions,
  jsonLengthHeader,
  requestFailure,
} from '../../serving/index.ts';
import { BodyBudget } from './body.ts';

const mostConnections = 64;
/** Bodies of the largest size that are held at once. */
const mostBodies = 8;
const longestUrl = 2_000;
/** Who sends by drips is let go: Node looks only so often. */
const times = { requestTimeout: 30_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly model: string;
  readonly version: string | undefined;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly open?: boolean;
  readonly answer: (asked: Asked) => unknown;
}

/** The Open Inference Protocol over HTTP. Health is for all, whatever `allowed` says. */
export async function serveInferenceHttp(options: InferenceServerOptions): Promise<InferenceServer> {
  const { host, port, tls } = options;
  const routes = routesOf(options, new BodyBudget(mostBodies * options.maxBytes));
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    void handle(routes, options, request, response);
  const server: Server =
    tls === undefined ? createServer(times, answer) : createTlsServer({ ...tls, ...times }, answer);
  new ConnectionGate(server, mostConnections);
  const shown = host.includes(':') ? `[${host}]` : host;
  const bound = await listen(server, port, host);
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${shown}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routesOf(
  { service, facts, maxBytes }: InferenceServerOptions,
  budget: BodyBudget,
): readonly Route[] {
  const model = '/v2/models/([^/]+)(?:/versions/([^/]+))?';
  const get = (path: string, answer: Route['answer'], open = false): Route => ({
    ...{ method: 'GET', path: new RegExp(`^${path}/?$`), open, answer },
  });
  const post = (path: string, answer: Route['answer']): Route => ({
    ...{ method: 'POST', path: new RegExp(`^${path}/?$`), answer },
  });
  return [
    get('/v2', () => facts),
    get('/v2/health/live', () => ({ live: true }), true),
    get('/v2/health/ready', () => isReady(service.ready, { ready: service.ready }), true),
    get(model, ({ model: name, version }) => service.metadata(name, version)),
    get(`${model}/ready`, ({ model: name, version }) => {
      const ready = service.serves(name, version);
      return isReady(ready, { name, ready });
    }),
    post('/v2/repository/index', () => service.index()),
    post(`${model}/infer`, async ({ request, response, model: name, version }) => {
      const { bytes, release } = await budget.read(request, maxBytes);
      try {
        const gone = new AbortController();
        response.on('close', () => gone.abort());
        const header = request.headers[jsonLengthHeader];
        const { request: asked, binary } = httpRequest(name, version, bytes, header?.toString());
        return new Binary(httpAnswer(await service.infer(asked, gone.signal), binary));
      } finally {
        release();
      }
    }),
  ];
}

/** JSON with tensors behind it. */
class Binary {
  readonly parts: readonly Uint8Array[];
  readonly jsonLength: number;
  readonly binary: boolean;

  constructor({ json, tensors }: ReturnType<typeof httpAnswer>) {
    this.parts = [json, ...tensors];
    this.jsonLength = json.length;
    this.binary = tensors.length > 0;
  }
}

class NotReady {
  readonly body: unknown;

  constructor(body: unknown) {
    this.body = body;
  }
}

const isReady = (ready: boolean, body: unknown) => (ready ? body : new NotReady(body));

async function handle(
  routes: readonly Route[],
  { allowed }: InferenceServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { url = '', method = '' } = request;
    const path = url.slice(0, longestUrl).split('?', 1)[0]!;
    const found = routes
      .map((route) => ({ route, match: route.path.exec(path) }))
      .filter(({ match }) => match !== null);
    const [fitting] = found.filter(
      ({ route }) => route.method === method || (route.method === 'GET' && method === 'HEAD'),
    );
    if (found[0] === undefined)
      throw new MissingError(
        'route-unknown',
        'This address does not exist.',
        'docs/inference.md lists the addresses.',
      );
    if (fitting === undefined) {
      send(response, 405, { error: `This address is for ${found[0].route.method}.` });
      return;
    }
    if (fitting.route.open !== true && allowed?.(request.headers.authorization) === false)
      throw new RefusedError(
        'token-refused',
        'The token is not known.',
        'Send "Authorization: Bearer <token>".',
      );
    const [, model = '', version] = fitting.match!;
    const answer = await fitting.route.answer({
      ...{ request, response, model: named(model) },
      version: version === undefined ? undefined : named(version),
    });
    if (answer instanceof NotReady) send(response, 400, answer.body);
    else if (answer instanceof Binary) sendBinary(response, answer);
    else send(response, 200, answer);
  } catch (error) {
    const { status, message, retryAfterSeconds } = requestFailure(error);
    // What is left of the body is not read.
    if (!request.complete) response.setHeader('connection', 'close');
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
    send(response, status, { error: message });
  }
}

function named(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new MissingError(
      'route-unknown',
      `The address can't be read: ${describeError(error)}.`,
      'Encode the name of the model as a URL does.',
    );
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendBinary(response: ServerResponse, { parts, jsonLength, binary }: Binary): void {
  if (response.destroyed) return;
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  response.writeHead(200, {
    'content-type': binary ? 'application/octet-stream' : 'application/json',
    'content-length': length,
    ...defined({ [jsonLengthHeader]: binary ? jsonLength : undefined }),
  });
  for (const part of parts) response.write(part);
  response.end();
}
