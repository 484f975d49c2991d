import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { BusyError, describeError, type GoshawkError, RefusedError } from '../../base/index.ts';
import { notListening } from '../../platform/index.ts';
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

/** The Open Inference Protocol over gRPC. */
export async function serveInferenceGrpc(options: InferenceServerOptions): Promise<InferenceServer> {
  const { host, port, maxBytes, tls } = options;
  const server = new Server({
    'grpc.max_receive_message_length': maxBytes,
    'grpc.max_concurrent_streams': mostCalls,
    // A client that is gone without a word is let go.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    interceptors: [guard(options)],
  });
  const definition = fromJSON(schema as unknown as Parameters<typeof fromJSON>[0], {
    ...{ keepCase: true, longs: Number, defaults: true, arrays: true, objects: true },
  })[serviceName];
  server.addService(definition as Parameters<Server['addService']>[0], handlers(options));
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) },
        ]);
  const address = host.includes(':') ? `[${host}]` : host;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address}:${port}`, credentials, (error, at) => {
      if (error === null) resolve(at);
      else reject(refused(error, host, port));
    });
  });
  return {
    url: `grpc://${address}:${bound}`,
    close: async () => server.forceShutdown(),
  };
}

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
function guard({ allowed }: InferenceServerOptions): ServerInterceptor {
  let open = 0;
  return (_method, call) => {
    let counted = false;
    const done = () => {
      if (counted) open -= 1;
      counted = false;
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

/** It says of Node's error the words alone. */
function refused(cause: Error, host: string, port: number): GoshawkError {
  const taken = cause.message.includes('EADDRINUSE');
  return notListening(taken ? Object.assign(cause, { code: 'EADDRINUSE' }) : cause, host, port);
}
