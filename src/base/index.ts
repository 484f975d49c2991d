export { type Backoff, backoffMs } from './backoff.ts';
export { type Cancel, type Clock, sleep } from './clock.ts';
export { parseDurationMs } from './duration.ts';
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
export { percentile } from './percentile.ts';
