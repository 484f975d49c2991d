/*
 * When a device may fetch models. Every rule says yes, or until when to wait; the first no counts.
 */

/** A span of a week in which models may be fetched: `days` 0 (Sunday) to 6, minutes of the day, `to` not included. */
export interface DownloadWindow {
  readonly days: readonly number[];
  readonly fromMinute: number;
  /** At most 1440; before `fromMinute`: on the next day. */
  readonly toMinute: number;
}

/** How the device reaches the network now. */
export interface NetworkFacts {
  /** Interface of the default route; undefined where there is none. */
  readonly interface: string | undefined;
  readonly kind: 'wired' | 'wireless' | 'mobile' | 'other';
}

export interface DownloadRules {
  readonly windows: readonly DownloadWindow[];
  /** IANA name of the place whose clock the windows mean. */
  readonly timeZone: string;
  /** Kinds of networks over which nothing is fetched. */
  readonly notOver: readonly string[];
}

export type DownloadVerdict =
  | { readonly go: true }
  | { readonly go: false; readonly reason: string; readonly waitMs: number };

/** What says no is looked at again with each minute of the clock: it may be set, and summer time begins and ends. */
const minuteMs = 60_000;

export function mayDownload(
  rules: DownloadRules,
  wallMs: number,
  network: NetworkFacts | undefined,
): DownloadVerdict {
  const waitMs = minuteMs - (wallMs % minuteMs);
  if (!isOpen(rules, wallMs)) return { go: false, reason: 'Waiting for the window for downloads.', waitMs };
  const named = rules.notOver.find((rule) => rule === network?.kind || rule === network?.interface);
  if (network === undefined || named === undefined) return { go: true };
  return {
    go: false,
    reason: `Downloads over ${network.interface ?? network.kind} are off (artifacts.notOver: ${named}).`,
    waitMs,
  };
}

function isOpen({ windows, timeZone }: DownloadRules, wallMs: number): boolean {
  if (windows.length === 0) return true;
  const { day, minute } = localTime(timeZone, wallMs);
  const yesterday = (day + 6) % 7;
  return windows.some(({ days, fromMinute, toMinute }) => {
    if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
    // Over midnight: the evening of its day, and the morning after.
    return (days.includes(day) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute);
  });
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function localTime(timeZone: string, wallMs: number): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(wallMs);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return {
    day: dayNames.indexOf(part('weekday')),
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

/** `mon-fri 22:00-05:30`, `sat,sun 00:00-24:00`, `22:00-06:00` (every day); undefined for what is none. */
export function parseWindow(text: string): DownloadWindow | undefined {
  const match = /^(?:([a-z,-]+) )?(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const [, named, ...clock] = match;
  const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = clock.map(Number);
  const fromMinute = h1 * 60 + m1;
  const toMinute = h2 * 60 + m2;
  const days = named === undefined ? [0, 1, 2, 3, 4, 5, 6] : daysOf(named);
  const fits = m1 < 60 && m2 < 60 && fromMinute < 1440 && toMinute <= 1440 && fromMinute !== toMinute;
  return fits && days !== undefined ? { days, fromMinute, toMinute } : undefined;
}

function daysOf(text: string): number[] | undefined {
  const names = dayNames.map((name) => name.toLowerCase());
  const days: number[] = [];
  for (const part of text.split(',')) {
    const [from, to = from, ...more] = part.split('-').map((name) => names.indexOf(name));
    if (from === undefined || to === undefined || from < 0 || to < 0 || more.length > 0) return undefined;
    for (let day = from; ; day = (day + 1) % 7) {
      days.push(day);
      if (day === to) break;
    }
  }
  return [...new Set(days)].sort();
}
