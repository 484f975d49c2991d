import { type Static, Type } from '@sinclair/typebox';
import { InputError } from '../base/index.ts';
import { deviceIdPattern } from './ids.ts';
import { Name } from './scalars.ts';

/*
 * How a device becomes a member of the fleet: what is said beside EST (RFC 7030), which carries the certificates.
 * docs/enrolment.md shows the whole conversation.
 */

/** Where EST is, below the address of the device listener. */
export const estPath = '/.well-known/est';
/** What a member needs to know beside its certificate. */
export const membershipPath = '/.well-known/goshawk/membership';
/** Followed by the sha256 (hex) of a certificate: whether it is of a device of the fleet, and not revoked. */
export const voucherPath = '/.well-known/goshawk/vouchers';
/** Carries `BoardFacts` as base64 of JSON with a request for a certificate. EST clients of others leave it out. */
export const factsHeader = 'goshawk-board-facts';

/** A request for a certificate is some hundred bytes; as base64 no more than this is taken. */
export const maxRequestBytes = 16_384;
export const maxFactsBytes = 4096;
export const maxClaimBytes = 1024;

/** The right to ask for a certificate, as it is handed to a device: one line of text, and a QR code. */
export interface Claim {
  /** Host and port of the device listener. */
  readonly host: string;
  readonly id: string;
  readonly secret: string;
  /** sha256 of the root certificate, base64url: whom the device trusts from its first word on. */
  readonly root: string;
}

const claimForm =
  /^goshawk-claim:\/\/((?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?)\/([0-9a-f]{12})\/([A-Za-z0-9_-]{43})\/([A-Za-z0-9_-]{43})$/;

export function formatClaim({ host, id, secret, root }: Claim): string {
  return `goshawk-claim://${host}/${id}/${secret}/${root}`;
}

/** InputError `claim-form` for anything else; the text itself is a secret and is not shown. */
export function parseClaim(text: string): Claim {
  const [, host, id, secret, root] = claimForm.exec(text.trim().slice(0, maxClaimBytes)) ?? [];
  if (host === undefined || id === undefined || secret === undefined || root === undefined)
    throw new InputError(
      'claim-form',
      'The claim is not goshawk-claim://host:port/id/secret/root.',
      'Copy the whole line that `goshawk claim create` printed.',
    );
  return { host, id, secret, root };
}

const Hash = Type.String({ pattern: '^[0-9a-f]{16,64}$' });

/** Facts that a board reports when it requests a certificate. Not proven: any holder of a claim can send any. */
export const BoardFacts = Type.Object(
  {
    board: Name,
    arch: Name,
    agentVersion: Name,
    machine: Type.Optional(
      Type.String({ ...Hash, description: 'Hash of the machine id: the same on a copied disk' }),
    ),
    hardware: Type.Optional(
      Type.String({
        ...Hash,
        description: 'Hash of serial number and network cards: differs on another board',
      }),
    ),
  },
  { additionalProperties: false },
);
export type BoardFacts = Static<typeof BoardFacts>;

/** The serial number of a board, as it stands in the name of its certificate. */
export const serialPattern = '^[A-Za-z0-9][A-Za-z0-9 ._:/+-]{0,63}$';

/** Below `voucherPath`. */
export const Voucher = Type.Object({ good: Type.Boolean() });

const BrokerAddress = Type.String({ pattern: '^(mqtt|mqtts|ws|wss)://', maxLength: 512 });

/** The answer to a member over the connection that its certificate opens. */
export const Membership = Type.Object({
  device: Type.String({ pattern: deviceIdPattern }),
  groups: Type.Array(Name, { maxItems: 64 }),
  broker: Type.Object({
    url: BrokerAddress,
    servers: Type.Optional(
      Type.Array(BrokerAddress, { maxItems: 15, description: 'Further nodes of the same cluster' }),
    ),
    ca: Type.Optional(
      Type.String({ maxLength: 65_536, description: 'PEM; absent: the root that signed the device too' }),
    ),
  }),
  trust: Type.Optional(Type.Unknown({ description: 'Reserved: the root of signed metadata' })),
});
export type Membership = Static<typeof Membership>;
