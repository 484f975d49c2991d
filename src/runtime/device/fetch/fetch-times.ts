import { networkFacts } from '../../../adapters/system/index.ts';
import {
  type DownloadRules,
  mayDownload,
  parseWindow,
  startDelayMs,
  TokenBucket,
  usualPatienceMs,
  usualSpreadMs,
} from '../../../agent/index.ts';
import { CancelledError, type Clock, InputError, type Log, sleep } from '../../../base/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import type { ArtifactSettings } from '../../settings/artifacts.ts';

export interface FetchTimes {
  readonly mayFetch: (model: OrderedModel, signal: AbortSignal) => Promise<void>;
  readonly pace?: (bytes: number) => number;
  readonly patience: (model: OrderedModel, signal: AbortSignal) => Promise<boolean>;
}

type OrderedModel = Pick<DesiredModel, 'digest' | 'fleet'>;

/** Models whose start or patience is remembered. */
const mostRemembered = 32;

/** Peers are asked again after so long. */
const askPeersMs = 10_000;

/** When and how fast this device fetches models, as its settings say. */
export function fetchTimes(
  settings: Pick<
    ArtifactSettings,
    'windows' | 'timeZone' | 'notOver' | 'spreadSeconds' | 'bytesPerSecond' | 'peerPatienceSeconds'
  >,
  { device, clock, log, network = networkFacts }: FetchTimesPorts,
): FetchTimes {
  const rules = rulesOf(settings);
  const started = new Map<string, true>();
  const mayFetch = async ({ digest, fleet }: OrderedModel, signal: AbortSignal) => {
    const spreadMs = inMs(settings.spreadSeconds) ?? usualSpreadMs(fleet);
    const delayMs = started.has(digest) ? 0 : startDelayMs(device, digest, spreadMs);
    if (delayMs > 0) await sleep(clock, delayMs, signal);
    let told = '';
    for (;;) {
      if (signal.aborted) throw new CancelledError('The download of a model');
      const verdict = mayDownload(
        rules,
        clock.wallMs(),
        rules.notOver.length === 0 ? undefined : await network(),
      );
      if (verdict.go) break;
      if (verdict.reason !== told) log.info('A model is not fetched yet', { reason: verdict.reason });
      told = verdict.reason;
      await sleep(clock, verdict.waitMs, signal);
    }
    remember(started, digest, true);
  };
  const waiting = new Map<string, number>();
  const patience = async ({ digest, fleet }: OrderedModel, signal: AbortSignal) => {
    const withinMs = inMs(settings.peerPatienceSeconds) ?? usualPatienceMs(fleet);
    const mostMs = startDelayMs(device, `${digest} peers`, withinMs);
    if (!waiting.has(digest)) remember(waiting, digest, clock.monotonicMs() + mostMs);
    if (clock.monotonicMs() >= (waiting.get(digest) ?? 0)) return false;
    await sleep(clock, askPeersMs, signal);
    if (signal.aborted) throw new CancelledError('The download of a model');
    return true;
  };
  if (settings.bytesPerSecond === undefined) return { mayFetch, patience };
  const bucket = new TokenBucket(settings.bytesPerSecond, clock.monotonicMs());
  return { mayFetch, patience, pace: (bytes) => bucket.take(bytes, clock.monotonicMs()) };
}

const inMs = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

function remember<T>(known: Map<string, T>, digest: string, what: T): void {
  known.set(digest, what);
  for (const oldest of known.keys()) if (known.size > mostRemembered) known.delete(oldest);
}

export interface FetchTimesPorts {
  readonly device: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly network?: typeof networkFacts;
}

function rulesOf({
  windows,
  timeZone,
  notOver,
}: Pick<ArtifactSettings, 'windows' | 'timeZone' | 'notOver'>): DownloadRules {
  const parsed = windows.map((text) => {
    const window = parseWindow(text);
    if (window !== undefined) return window;
    throw new InputError(
      'download-window',
      `artifacts.windows: "${text}" is not a span of a week.`,
      'Write it as `22:00-05:30`, `mon-fri 20:00-06:00` or `sat,sun 00:00-24:00`.',
    );
  });
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch (error) {
    throw new InputError(
      'download-window',
      `artifacts.timeZone: "${timeZone}" is not a time zone that is known here.`,
      'Write it as in the time zone database, e.g. Europe/Berlin.',
      { cause: error },
    );
  }
  return { windows: parsed, timeZone, notOver };
}
