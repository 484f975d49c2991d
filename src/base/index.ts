export { type Backoff, backoffMs } from './backoff.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { type Cancel, type Clock, sleep } from './clock.ts';
export {
  asGoshawkError,
  CancelledError,
  describeError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
  RefusedError,
} from './errors.ts';
export { floatsFromHalf, halfBits } from './half.ts';
export { type Log, type LogFields, silentLog } from './log.ts';
export { decodeUtf8, decodeUtf8Lossy, encodeUtf8 } from './utf8.ts';
