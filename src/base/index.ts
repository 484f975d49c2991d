export { type Backoff, backoffMs } from './backoff.ts';
export { canonicalJson } from './canonical-json.ts';
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
export { type Log, type LogFields, silentLog } from './log.ts';
export { RateLimitedLog } from './rate-limited-log.ts';
