import { type RoleStanding, timeText } from '../../../trust/index.ts';
import { absent, broken, type Check, ok } from '../check.ts';
import type { TrustFacts } from './facts.ts';

const dayMs = 86_400_000;
/** So long before its end the owner's own metadata is worth a look: keys lie in safes, and owners have holidays. */
const soonMs = 30 * dayMs;

/** Whom this device trusts, how long that lasts, and what to do about it. */
export function decideTrust(facts: TrustFacts, nowMs: number): readonly Check[] {
  switch (facts.kind) {
    case 'none':
      return [
        absent(
          'trust',
          'no settings of an agent here',
          'On a device: goshawk doctor --config agent.json shows its root.',
        ),
      ];
    case 'unreadable':
      return [broken('trust', facts.reason, facts.remedy)];
    case 'insecure':
      return [
        broken(
          'trust',
          'INSECURE: it runs unsigned models and follows unsigned orders (trust.mode)',
          'Outside of a laboratory, remove trust.mode from its settings and give it the root: docs/trust.md.',
        ),
      ];
    case 'unsigned':
      return [
        broken(
          'trust',
          'no root: it runs every ordered model',
          facts.enrols
            ? 'It gets the root with its membership once the fleet has keys and what runs here is signed; or name one: trust.rootFile.'
            : 'Give it the root of the fleet: goshawk keys anchor, then trust.rootFile in its settings (docs/trust.md).',
        ),
      ];
    case 'signed':
      return [
        overall(facts, nowMs),
        repository('trust owner', facts.image, ['root', 'targets'], nowMs),
        repository('trust director', facts.director, ['root'], nowMs),
      ];
  }
}

type Signed = Extract<TrustFacts, { readonly kind: 'signed' }>;

function overall({ throwAway, trustedMs, admitted }: Signed, nowMs: number): Check {
  const models = `${admitted} ${admitted === 1 ? 'model' : 'models'} admitted so far`;
  const since = trustedMs === 0 ? 'no signed time was seen yet' : `it is ${timeText(trustedMs)} or later`;
  const detail = `only what is signed runs; ${models}; ${since}`;
  if (throwAway)
    return broken(
      'trust',
      `THROW-AWAY KEYS: ${detail}`,
      'Everyone who has the demonstration can sign. Create your own keys: docs/trust.md.',
    );
  // A day: a controller may be a little ahead, and no clock of a board is exact.
  if (nowMs < trustedMs - dayMs)
    return broken(
      'trust',
      `${detail}, and this clock says ${timeText(nowMs)}`,
      'If this clock is wrong, set it; the signed time counts meanwhile. If it is right, the clock of the controller or of an owner was ahead: correct that one, then the owners sign a new root with the right time (goshawk keys renew, sign, publish).',
    );
  return ok('trust', detail);
}

/** `owners`: the roles that the owner renews by hand; the controller the others by itself, where the device reaches it. */
function repository(
  name: string,
  roles: readonly RoleStanding[],
  owners: readonly RoleStanding['role'][],
  nowMs: number,
): Check {
  const detail = roles.map((role) => describe(role, nowMs)).join('; ');
  const remedies = roles.flatMap((role) => remedyOf(role, owners.includes(role.role), nowMs));
  return remedies.length === 0 ? ok(name, detail) : broken(name, detail, [...new Set(remedies)].join(' '));
}

function describe({ role, version, expiresMs, threshold, keys }: RoleStanding, nowMs: number): string {
  const until = timeText(expiresMs).slice(0, 10);
  const named = `${threshold} of ${keys} ${keys === 1 ? 'key' : 'keys'}`;
  return `${role} ${version}, ${named}, ${expiresMs <= nowMs ? 'EXPIRED' : 'until'} ${until}`;
}

function remedyOf({ expiresMs }: RoleStanding, byOwner: boolean, nowMs: number): readonly string[] {
  if (expiresMs <= nowMs)
    return [
      byOwner
        ? 'No new model is admitted until the owner renews it (goshawk keys renew, sign, publish) and the device reaches its controller.'
        : 'No new model is admitted until the device reaches its controller; the current model continues to serve.',
    ];
  return byOwner && expiresMs - nowMs < soonMs
    ? ['It ends soon: the owner runs goshawk keys renew, signs and publishes.']
    : [];
}
