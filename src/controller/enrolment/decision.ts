import { RefusedError } from '../../base/index.ts';
import { deviceIdPattern } from '../../protocol/index.ts';
import type { CertificateRow, ClaimRow } from '../store/rows.ts';
import type { SigningRequest } from './authority.ts';

export type Verdict =
  | { readonly kind: 'issue' }
  /** It has it already: its answer was lost on the way. */
  | { readonly kind: 'again'; readonly certificate: CertificateRow }
  | { readonly kind: 'ask'; readonly why: string }
  | Refusal;

export interface Refusal {
  readonly kind: 'refuse';
  readonly error: RefusedError;
  /** The device whose name another one requested. */
  readonly victim?: string;
}

export interface EnrolmentCase {
  readonly claim: ClaimRow;
  readonly request: Pick<SigningRequest, 'device' | 'board' | 'key'>;
  readonly nowMs: number;
  /** All certificates of the device that it says to be. */
  readonly ofDevice: readonly CertificateRow[];
  /** All certificates of its key. */
  readonly ofKey: readonly CertificateRow[];
  /** The fleet has a device of this name, with or without a certificate from here. */
  readonly deviceKnown: boolean;
  /** See `reservedNames`. */
  readonly reserved: ReadonlySet<string>;
}

/** Names that are no device's: at the broker they have other rights. `clients`: whom its access list names. */
export function reservedNames(clients: readonly string[]): ReadonlySet<string> {
  return new Set(['controller', 'broker', ...clients].map((name) => name.toLowerCase()));
}

const devicePattern = new RegExp(deviceIdPattern);

function isName(device: string, reserved: ReadonlySet<string>): boolean {
  return devicePattern.test(device) && !reserved.has(device.toLowerCase());
}

/** What becomes of a request that carries a claim. The order counts: the first line that fits decides. */
export function decideEnrolment(given: EnrolmentCase): Verdict {
  const { claim, request, nowMs, ofDevice, ofKey, deviceKnown, reserved } = given;
  if (claim.withdrawnMs !== undefined) return refusals.withdrawn(claim);
  if (!isName(request.device, reserved)) return refusals.name(request.device);
  const own = ofKey.filter(({ device }) => device === request.device);
  const good = own.find(({ revokedMs, notAfterMs }) => revokedMs === undefined && nowMs < notAfterMs);
  if (good !== undefined && good.claim === claim.id) return { kind: 'again', certificate: good };
  if (nowMs >= claim.expiresMs) return refusals.expired(claim);
  if (claim.serials.length > 0 && (request.board === undefined || !claim.serials.includes(request.board)))
    return refusals.serial(claim, request.board);
  if (ofKey.some(({ revokedMs }) => revokedMs !== undefined)) return refusals.keyRevoked();
  if (ofKey.length > own.length) return refusals.keyTaken();
  if (claim.used >= claim.count) return refusals.used(claim);
  if (ofDevice.length > 0 || deviceKnown) return ofKnownName(request, ofDevice);
  if (claim.rule === 'manual')
    return { kind: 'ask', why: 'The claim wants a person to approve each device.' };
  return { kind: 'issue' };
}

/** A reflashed board has a new key and its old name, and so does an impostor. */
function ofKnownName(
  { device, board }: EnrolmentCase['request'],
  ofDevice: readonly CertificateRow[],
): Verdict {
  const boards = new Set(ofDevice.flatMap((one) => one.board ?? []));
  if (boards.size > 0 && (board === undefined || !boards.has(board))) return refusals.taken(device);
  return {
    kind: 'ask',
    why:
      ofDevice.length === 0
        ? `The fleet knows a device ${device} that never had a certificate from here.`
        : `A device ${device} is enrolled with another key: it was reflashed, or this is another board.`,
  };
}

export interface RenewalCase {
  /** The certificate that the connection was made with; undefined: not one of ours. */
  readonly certificate: CertificateRow | undefined;
  readonly request: Pick<SigningRequest, 'device' | 'board' | 'key'>;
  readonly nowMs: number;
  /** How long after its end a certificate may still be renewed. */
  readonly lateMs: number;
  readonly ofDevice: readonly CertificateRow[];
  readonly ofKey: readonly CertificateRow[];
  /** See `reservedNames`. */
  readonly reserved: ReadonlySet<string>;
}

/** So many certificates of one device may be good at the same time. */
export const maxGoodPerDevice = 8;

/** Whether a device that proved the key of `certificate` gets a new one. */
export function decideRenewal(given: RenewalCase): Refusal | { readonly kind: 'issue' } {
  const { certificate, request, nowMs, lateMs, ofDevice, ofKey } = given;
  if (certificate === undefined) return certificateUnknown();
  if (certificate.revokedMs !== undefined) return refusals.revoked(certificate.device);
  if (nowMs >= certificate.notAfterMs + lateMs) return refusals.tooLate(certificate.device);
  if (request.device !== certificate.device)
    return { ...refusals.otherName(certificate.device), victim: request.device };
  if (!isName(certificate.device, given.reserved)) return refusals.name(certificate.device);
  if (request.board !== certificate.board) return refusals.otherBoard(certificate.device);
  if (ofKey.some(({ device }) => device !== certificate.device)) return refusals.keyTaken();
  if (ofKey.some(({ revokedMs }) => revokedMs !== undefined)) return refusals.keyRevoked();
  const good = ofDevice.filter((one) => one.revokedMs === undefined && nowMs < one.notAfterMs);
  return good.length >= maxGoodPerDevice ? refusals.tooOften(certificate.device) : { kind: 'issue' };
}

function refuse(error: RefusedError): Refusal {
  return { kind: 'refuse', error };
}

/** No certificate of ours was shown. */
export function certificateUnknown(): Refusal {
  return refuse(
    new RefusedError('certificate-unknown', 'This controller did not issue the certificate.', enrolAnew),
  );
}

const newClaim = 'Make a new claim: goshawk claim create.';
const enrolAnew = 'Enrol the device again, with a claim.';

const refusals = {
  withdrawn: ({ name }: ClaimRow) =>
    refuse(new RefusedError('claim-withdrawn', `The claim ${name} was withdrawn.`, newClaim)),
  expired: ({ name }: ClaimRow) =>
    refuse(new RefusedError('claim-expired', `The claim ${name} has expired.`, newClaim)),
  used: ({ name, count }: ClaimRow) =>
    refuse(
      new RefusedError(
        'claim-used',
        `The claim ${name} has enrolled all devices that it is for (${count}).`,
        newClaim,
      ),
    ),
  name: (device: string) =>
    refuse(
      new RefusedError(
        'device-name-refused',
        `"${device.slice(0, 64)}" can't be the name of a device.`,
        'Letters, digits, `.`, `_` and `-`, at most 64, and not a name that the broker gives other rights.',
      ),
    ),
  serial: ({ name }: ClaimRow, board: string | undefined) =>
    refuse(
      new RefusedError(
        'serial-refused',
        board === undefined
          ? `The claim ${name} is for named boards, and this one says no serial number.`
          : `The claim ${name} is not for the board ${board}.`,
        'Name its serial number in the claim, or give the board another claim.',
      ),
    ),
  taken: (device: string): Refusal => ({
    ...refuse(
      new RefusedError(
        'device-name-taken',
        `Another board is ${device} in this fleet.`,
        'Give this device another name; if you replaced the board, first revoke its certificate and forget the device.',
      ),
    ),
    victim: device,
  }),
  keyTaken: () =>
    refuse(
      new RefusedError(
        'key-taken',
        'The key of this request is that of another device.',
        'The disk was probably copied after the first boot. Remove identity/ in the data folder of one of the devices: it makes a new key.',
      ),
    ),
  keyRevoked: () =>
    refuse(
      new RefusedError(
        'key-revoked',
        'The key of this request was revoked.',
        'Remove identity/ in the data folder of the device: it makes a new key, and waits for approval.',
      ),
    ),
  revoked: (device: string) =>
    refuse(new RefusedError('certificate-revoked', `The certificate of ${device} was revoked.`, enrolAnew)),
  tooLate: (device: string) =>
    refuse(
      new RefusedError('certificate-too-old', `The certificate of ${device} ended too long ago.`, enrolAnew),
    ),
  otherName: (device: string) =>
    refuse(
      new RefusedError(
        'device-name-taken',
        `${device} can only renew its own certificate.`,
        'Ask for the same name.',
      ),
    ),
  otherBoard: (device: string) =>
    refuse(
      new RefusedError(
        'serial-refused',
        `The board of ${device} says another serial number than at its enrolment.`,
        'If the board was replaced, revoke the old certificate and enrol again.',
      ),
    ),
  tooOften: (device: string) =>
    refuse(
      new RefusedError(
        'renewal-too-often',
        `${device} has ${maxGoodPerDevice} good certificates already.`,
        'Find out why it renews so often. It can renew again when the oldest of them expires.',
      ),
    ),
} as const;
