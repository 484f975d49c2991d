export { type Backoff, backoffMs } from './backoff.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { canonicalJson } from './canonical-json.ts';
export { type Cancel, type Clock, sleep, within } from './clock.ts';
export { counted } from './counted.ts';
export { defined } from './defined.ts';
export { parseDurationMs } from './duration.ts';
export {
  asGoshawkError,
  BusyError,
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
export { fromHex, toHex } from './hex.ts';
export { jpegSize } from './jpeg-size.ts';
export { type Log, type LogFields, type LogLevel, logLevels, silentLog } from './log.ts';
export { howToInstall, nativeBuildOf, type Place } from './place.ts';
export { printable, printableJson } from './printable.ts';
export {
  ageWords,
  byteWords,
  dueWords,
  durationWords,
  latencyWords,
  numberWords,
  shareWords,
} from './quantities.ts';
export { RateLimitedLog } from './rate-limited-log.ts';
export { redactSecrets, redactValue } from './redact-secrets.ts';
export { rendezvousWeight } from './rendezvous.ts';
export { ServerRotation } from './server-rotation.ts';
export * from './statistics/index.ts';
export type { TensorData } from './tensor-data.ts';
export { inTurns, type Steps, stepsAtOnce, stepsInTurns } from './turns.ts';
export { decodeUtf8, decodeUtf8Leniently, encodeUtf8 } from './utf8.ts';
