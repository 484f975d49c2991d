import type { LogPage } from '../api/types.ts';

export type LogLine = LogPage['lines'][number];

export interface SystemFacts {
  readonly disk: { readonly freeBytes: number; readonly sizeBytes: number } | undefined;
  readonly certificate: { readonly issuer: string; readonly notAfterMs: number } | undefined;
  /** By command: true, or why the device refuses it. */
  readonly remote: Readonly<Record<string, unknown>>;
  /** Kinds of cameras that may be added, and the addresses of those that were, by name. */
  readonly kinds: readonly string[];
  readonly added: Readonly<Record<string, string>>;
}

/** Of what the device answers of itself. */
export function systemFacts(answer: Readonly<Record<string, unknown>>): SystemFacts {
  const { disk, certificate, remote } = answer as Partial<SystemFacts>;
  const { cameras = [], added = {} } = (remote ?? {}) as {
    readonly cameras?: SystemFacts['kinds'];
    readonly added?: SystemFacts['added'];
  };
  return { disk, certificate, remote: remote ?? {}, kinds: cameras, added };
}

/** Why a command is refused; undefined where it is allowed. */
export function refusalOf({ remote }: SystemFacts, command: string): string | undefined {
  const said = remote[command];
  if (said === true) return undefined;
  return typeof said === 'string' ? said : 'The agent of this device is too old for it.';
}

const shownLines = 500;

/** The newest lines, each once. */
export function joined(lines: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  const last = lines.at(-1)?.number ?? 0;
  return [...lines, ...more.filter(({ number }) => number > last)].slice(-shownLines);
}
