import { createServer, type Server as Entrance, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { BusyError, describeError, RefusedError } from '../../base/index.ts';
import { ConnectionGate, listen } from '../../platform/index.ts';
import {
  type GrpcMessages,
  grpcAnswer,
  grpcRequest,
  type InferenceServer,
  type InferenceServerOptions,
  requestFailure,
} from '../../serving/index.ts';
import { schema, serviceName } from './schema.ts';

/** Each may hold a message; beyond them a call is refused before its message is read. */
const mostCalls = 16;
const mostConnections = 64;
/** A client that does not answer, or never finished its beginning, is let go. */
const keepaliveMs = 5_000;
const handshakeMs = 10_000;

/** The Open Inference Protocol over gRPC. */
export async function serveInferenceGrpc(options: InferenceServerOptions): Promise<InferenceServer> {
  const { host, port, maxBytes, tls } = options;
  let gate: ConnectionGate | undefined;
  const server = new Server({
    'grpc.max_receive_message_length': maxBytes,
    'grpc.max_concurrent_streams': mostCalls,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveMs,
    interceptors: [guard(options, (peer, busy) => gate?.setBusy(peer, busy))],
  });
  const definition = fromJSON(schema as unknown as Parameters<typeof fromJSON>[0], {
    ...{ keepCase: true, longs: Number, defaults: true, arrays: true, objects: true },
  })[serviceName];
  server.addService(definition as Parameters<Server['addService']>[0], handlers(options));
  // The library takes connections without end: the port is ours, and it gets those that the gate lets through.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const take = (socket: Socket) => injector.injectConnection(socket);
  const entrance: Entrance =
    tls === undefined
      ? createServer({ noDelay: true }, take)
      : createTlsServer({ ...tls, ALPNProtocols: ['h2'], handshakeTimeout: handshakeMs }, take);
  gate = new ConnectionGate(entrance, mostConnections);
  const sockets = new Set<Socket>();
  entrance.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const bound = await listen(entrance, port, host);
  return {
    url: `grpc://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        entrance.close(() => resolve());
        server.forceShutdown();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** `127.0.0.1:4711`, `[::1]:4711`. */
function peerOf(text: string): Peer {
  const at = text.lastIndexOf(':');
  const remoteAddress = text.slice(0, at).replace(/^\[|\]$/g, '');
  return { remoteAddress, remotePort: Number(text.slice(at + 1)) };
}

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;
type Call<Request> = ServerUnaryCall<Request, unknown>;

function handlers({ service, facts }: InferenceServerOptions) {
  return {
    ServerLive: answering(() => ({ live: true })),
    ServerReady: answering(() => ({ ready: service.ready })),
    ModelReady: answering<GrpcMessages['model']>(({ name, version }) => ({
      ready: service.serves(name, version === '' ? undefined : version),
    })),
    ServerMetadata: answering(() => facts),
    ModelMetadata: answering<GrpcMessages['model']>(({ name, version }) =>
      service.metadata(name, version === '' ? undefined : version),
    ),
    ModelInfer: answering<GrpcMessages['request']>(async (message, signal) =>
      grpcAnswer(await service.infer(grpcRequest(message), signal)),
    ),
    RepositoryIndex: answering(() => ({ models: service.index() })),
  };
}

/** The signal fires when the client gives up. */
function answering<Request>(answer: (request: Request, signal: AbortSignal) => unknown) {
  return (call: Call<Request>, callback: sendUnaryData<unknown>) => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    Promise.resolve()
      .then(() => answer(call.request, gone.signal))
      .then(
        (value) => callback(null, value),
        (error: unknown) => {
          const { code, message } = requestFailure(error);
          callback({ code, details: message });
        },
      );
  };
}

/** Looks at a call before its message is read. */
function guard(
  { allowed }: InferenceServerOptions,
  setBusy: (peer: Peer, busy: boolean) => void,
): ServerInterceptor {
  let open = 0;
  return (_method, call) => {
    let counted = false;
    const peer = peerOf(call.getPeer());
    const done = () => {
      if (!counted) return;
      counted = false;
      open -= 1;
      setBusy(peer, false);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, go) => {
            const [authorization] = metadata.get('authorization');
            const problem =
              allowed?.(authorization?.toString()) === false
                ? new RefusedError(
                    'token-refused',
                    'The token is not known.',
                    'Send "authorization: Bearer <token>".',
                  )
                : open >= mostCalls
                  ? new BusyError(
                      'requests-full',
                      `${mostCalls} calls are in progress already.`,
                      'Ask again later.',
                    )
                  : undefined;
            if (problem !== undefined) {
              call.sendStatus({ code: requestFailure(problem).code, details: describeError(problem) });
              return;
            }
            counted = true;
            open += 1;
            setBusy(peer, true);
            go(metadata);
          },
          onCancel: done,
        }),
      sendStatus: (status, next) => {
        done();
        next(status);
      },
    });
  };
}
