import { type Static, Type } from '@sinclair/typebox';
import { BoardFacts, deviceIdPattern, serialPattern } from '../protocol/index.ts';
import { DeviceParams } from './devices.ts';
import type { RouteTable } from './route.ts';
import { closed, count, name, timeMs } from './scalars.ts';

export const ClaimRule = Type.Union([Type.Literal('auto'), Type.Literal('manual')], {
  description: '`auto`: every device that fits is enrolled; `manual`: a person approves each device',
});
export type ClaimRule = Static<typeof ClaimRule>;

const Serials = Type.Array(Type.String({ pattern: serialPattern }), {
  maxItems: 10_000,
  uniqueItems: true,
  description: 'Serial numbers of the boards that it is for; empty: any board',
});
const Groups = Type.Array(name(), {
  maxItems: 64,
  uniqueItems: true,
  description: 'Groups that its devices belong to',
});

export const ClaimInfo = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: 'Purpose of the claim' }),
    rule: ClaimRule,
    count: count('How many devices it lets in'),
    used: count('Number of devices that it enrolled'),
    groups: Groups,
    serials: Type.Array(Type.String(), { description: 'Boards that it is for; empty: any' }),
    createdMs: timeMs(),
    createdBy: Type.String(),
    expiresMs: timeMs('End of the claim: later it enrols no device'),
    withdrawnMs: Type.Optional(timeMs()),
    devices: Type.Array(Type.String(), { description: 'The first hundred devices that it enrolled' }),
  },
  { description: 'A claim without its secret' },
);
export type ClaimInfo = Static<typeof ClaimInfo>;

export const ClaimList = Type.Object(
  {
    claims: Type.Array(ClaimInfo),
    open: Type.Boolean({
      description: 'False: this controller has no device listener, and enrols no devices',
    }),
  },
  { description: 'Newest first' },
);
export type ClaimList = Static<typeof ClaimList>;

export const NewClaim = Type.Object(
  {
    name: name('Purpose of the claim'),
    rule: Type.Optional(ClaimRule),
    count: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Devices; 1 when not set' }),
    ),
    days: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 365, description: 'Until it expires; 7 when not set' }),
    ),
    groups: Type.Optional(Groups),
    serials: Type.Optional(Serials),
  },
  closed,
);
export type NewClaim = Static<typeof NewClaim>;

export const CreatedClaim = Type.Composite(
  [
    ClaimInfo,
    Type.Object({ claim: Type.String({ description: 'The claim, for the device or as a QR code' }) }),
  ],
  { description: 'The only time that the claim itself is shown' },
);
export type CreatedClaim = Static<typeof CreatedClaim>;

export const EnrolmentInfo = Type.Object(
  {
    id: Type.String(),
    device: Type.String(),
    serial: Type.Optional(Type.String()),
    claim: Type.String({ description: 'Id of the claim' }),
    claimName: Type.String(),
    key: Type.String({ description: 'sha256 of its public key, hex' }),
    facts: Type.Optional(BoardFacts),
    address: Type.String({ description: 'Where it asked from' }),
    state: Type.Union([Type.Literal('pending'), Type.Literal('rejected')]),
    why: Type.String({ description: 'Why a person is asked' }),
    firstMs: timeMs('When it asked first'),
    lastMs: timeMs('When it asked last'),
  },
  { description: 'A device that asked to enrol' },
);
export type EnrolmentInfo = Static<typeof EnrolmentInfo>;

export const EnrolmentList = Type.Object(
  { enrolments: Type.Array(EnrolmentInfo) },
  { description: 'Those that wait first, then those that were rejected' },
);
export type EnrolmentList = Static<typeof EnrolmentList>;

export const CertificateInfo = Type.Object(
  {
    serial: Type.String({ description: 'Serial number of the certificate, hex' }),
    device: Type.String(),
    board: Type.Optional(Type.String({ description: 'Serial number of the board' })),
    claim: Type.String({ description: 'Id of the claim that let it in' }),
    issuedMs: timeMs(),
    notAfterMs: timeMs(),
    revokedMs: Type.Optional(timeMs()),
    reason: Type.Optional(Type.String()),
  },
  { description: 'A certificate of a device' },
);
export type CertificateInfo = Static<typeof CertificateInfo>;

export const CertificateList = Type.Object(
  { certificates: Type.Array(CertificateInfo) },
  { description: 'Newest first' },
);
export type CertificateList = Static<typeof CertificateList>;

export const Revocation = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 200, description: 'Reason, for the audit log' })) },
  closed,
);
export type Revocation = Static<typeof Revocation>;

export const BrokerNotice = Type.Union(
  [Type.Literal('told'), Type.Literal('elsewhere'), Type.Literal('failed')],
  {
    description:
      '`told`: the list is written and the connection was ended; `elsewhere`: not from here, the broker knows devices by passwords or by another list; `failed`: the list or the end of the connection, see the log; the list is tried again every minute',
  },
);
export type BrokerNotice = Static<typeof BrokerNotice>;

export const RevocationAnswer = Type.Object(
  { revoked: count('Certificates that were good until now'), broker: BrokerNotice },
  { description: 'How many were taken back, and whether the broker knows' },
);
export type RevocationAnswer = Static<typeof RevocationAnswer>;

const IdParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: 'Id as in the list' }),
});

export const CertificateQuery = Type.Object({
  device: Type.Optional(Type.String({ pattern: deviceIdPattern, description: 'Only this device' })),
});
export type CertificateQuery = Static<typeof CertificateQuery>;

export const enrolmentRoutes = {
  'GET /claims': {
    role: 'admin',
    reach: 'fleet',
    tag: 'enrolment',
    summary: 'All claims, without their secrets',
    reply: ClaimList,
  },
  'POST /claims': {
    role: 'admin',
    reach: 'fleet',
    tag: 'enrolment',
    summary: 'Create a claim, with which devices enrol; it is shown only once',
    body: NewClaim,
    reply: CreatedClaim,
    status: 201,
  },
  'DELETE /claims/:id': {
    role: 'admin',
    reach: 'fleet',
    tag: 'enrolment',
    summary: 'Withdraw a claim at once; devices that it enrolled stay enrolled',
    params: IdParams,
  },
  'GET /enrolments': {
    role: 'admin',
    reach: 'fleet',
    tag: 'enrolment',
    summary: 'List enrolments that wait for a person',
    reply: EnrolmentList,
  },
  'POST /enrolments/:id/approve': {
    role: 'admin',
    reach: 'fleet',
    tag: 'enrolment',
    summary: 'Let a device in',
    params: IdParams,
    reply: CertificateInfo,
  },
  'POST /enrolments/:id/reject': {
    role: 'admin',
    reach: 'fleet',
    tag: 'enrolment',
    summary: 'Refuse a device, for as long as this controller runs and the key is the same',
    params: IdParams,
  },
  'GET /certificates': {
    load: 'heavy',
    role: 'admin',
    reach: 'part',
    tag: 'enrolment',
    summary: 'Certificates of devices',
    query: CertificateQuery,
    reply: CertificateList,
  },
  'POST /devices/:id/revoke': {
    role: 'admin',
    reach: 'device',
    tag: 'enrolment',
    summary: 'Take all certificates of a device back, at once',
    params: DeviceParams,
    body: Revocation,
    reply: RevocationAnswer,
  },
} as const satisfies RouteTable;
