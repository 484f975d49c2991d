import { networkFacts } from '../../../adapters/system/index.ts';
import {
  type DownloadRules,
  mayDownload,
  parseWindow,
  startDelayMs,
  TokenBucket,
} from '../../../agent/index.ts';
import { CancelledError, type Clock, InputError, type Log, sleep } from '../../../base/index.ts';
import type { ArtifactSettings } from '../../settings/artifacts.ts';

export interface FetchTimes {
  readonly mayFetch: (digest: string, signal: AbortSignal) => Promise<void>;
  readonly pace?: (bytes: number) => number;
  readonly patience: (digest: string, signal: AbortSignal) => Promise<boolean>;
}

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
  let started: string | undefined;
  const mayFetch = async (digest: string, signal: AbortSignal) => {
    const delayMs = started === digest ? 0 : startDelayMs(device, digest, settings.spreadSeconds * 1000);
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
    started = digest;
  };
  let waiting: { readonly digest: string; readonly untilMs: number } | undefined;
  const patience = async (digest: string, signal: AbortSignal) => {
    if (waiting?.digest !== digest) {
      const mostMs = startDelayMs(device, `${digest} peers`, settings.peerPatienceSeconds * 1000);
      waiting = { digest, untilMs: clock.monotonicMs() + mostMs };
    }
    if (clock.monotonicMs() >= waiting.untilMs) return false;
    await sleep(clock, askPeersMs, signal);
    if (signal.aborted) throw new CancelledError('The download of a model');
    return true;
  };
  if (settings.bytesPerSecond === undefined) return { mayFetch, patience };
  const bucket = new TokenBucket(settings.bytesPerSecond, clock.monotonicMs());
  return { mayFetch, patience, pace: (bytes) => bucket.take(bytes, clock.monotonicMs()) };
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
      `artifacts.windows: "${text}" is no span of a week.`,
      'Write it as `22:00-05:30`, `mon-fri 20:00-06:00` or `sat,sun 00:00-24:00`.',
    );
  });
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch (error) {
    throw new InputError(
      'download-window',
      `artifacts.timeZone: "${timeZone}" is no time zone that is known here.`,
      'Write it as in the time zone database, e.g. Europe/Berlin.',
      { cause: error },
    );
  }
  return { windows: parsed, timeZone, notOver };
}
