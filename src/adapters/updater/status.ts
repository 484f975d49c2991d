import type { UpdateStanding } from '../../agent/index.ts';

/** What the helper says: lines of `name=value`, replaced as a whole. */
export type UpdateStatus = ReadonlyMap<string, string>;

/** More is not of the helper. */
const mostStatusBytes = 8_000;

export function readUpdateStatus(text: string): UpdateStatus {
  const lines = text.slice(0, mostStatusBytes).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

/** A release that the status names: `<digest> <version>`. */
export function namedIn(
  status: UpdateStatus,
  field: string,
): { readonly digest: string; readonly version: string } | undefined {
  const [, digest, version] = /^(sha256:[0-9a-f]{64}) (\S{1,64})$/.exec(status.get(field) ?? '') ?? [];
  return digest === undefined || version === undefined ? undefined : { digest, version };
}

/** How the machine is with a release; states are those of deploy/update/states. */
export function standingIn(status: UpdateStatus, digest: string): UpdateStanding {
  const reason = status.get('reason') || 'The update helper gives no reason: journalctl -u goshawk-update.';
  if (namedIn(status, 'next')?.digest === digest) {
    switch (status.get('state')) {
      case 'prepared':
        return { kind: 'prepared' };
      case 'arming':
      case 'installing':
        return { kind: 'installing' };
      case 'trial':
        return { kind: 'trial', seconds: Number(status.get('seconds')) || 0 };
      case 'keeping':
        return { kind: 'kept' };
      case 'reverting':
      case 'stuck':
        return { kind: 'back', reason };
    }
  }
  if (status.get('about') !== digest) return { kind: 'none' };
  switch (status.get('result')) {
    case 'kept':
      return { kind: 'kept' };
    case 'refused':
      return { kind: 'refused', reason };
    case 'back':
      return { kind: 'back', reason };
    default:
      return { kind: 'none' };
  }
}
