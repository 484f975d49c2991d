import {
  BusyError,
  CancelledError,
  describeError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../base/index.ts';

/** What a failed request is answered with, in the numbers of both transports. */
export interface RequestFailure {
  /** Of HTTP. */
  readonly status: number;
  /** Of gRPC. */
  readonly code: number;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** First match counts. Codes of gRPC: https://grpc.io/docs/guides/status-codes/ */
const answers = [
  [BusyError, 503, 14],
  [InputError, 400, 3],
  [MissingError, 404, 5],
  [RefusedError, 401, 16],
  [LimitError, 413, 8],
  [CancelledError, 499, 1],
] as const;

/** Of the engine, which has no fault of the request's. */
const engineLate = { code: 'inference-timeout', status: 504, grpc: 4 };

export function requestFailure(error: unknown): RequestFailure {
  if (error instanceof GoshawkError && error.code === engineLate.code)
    return { status: engineLate.status, code: engineLate.grpc, message: describeError(error) };
  const [, status = 500, code = 13] = answers.find(([kind]) => error instanceof kind) ?? [];
  const message = status === 500 ? 'The model failed. Look at the log of the device.' : describeError(error);
  const retryAfterSeconds =
    error instanceof BusyError ? Math.ceil((error.retryAfterMs ?? 1000) / 1000) : undefined;
  return { status, code, message, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
