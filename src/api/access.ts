import { type Static, Type } from '@sinclair/typebox';

const Name = Type.String({ minLength: 1, maxLength: 128 });
const TimeMs = Type.Number({ description: 'Milliseconds since 1970, UTC' });
const Count = Type.Integer({ minimum: 0 });

/** viewer reads; operator also sets models and settings; admin also removes, and manages tokens. `device` fetches artifacts alone. */
export const Role = Type.Union([
  Type.Literal('viewer'),
  Type.Literal('operator'),
  Type.Literal('admin'),
  Type.Literal('device'),
]);
export type Role = Static<typeof Role>;

export const TokenInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Role,
  createdMs: TimeMs,
  createdBy: Type.String(),
  lastUsedMs: Type.Optional(TimeMs),
});
export type TokenInfo = Static<typeof TokenInfo>;
export const TokenList = Type.Object({ tokens: Type.Array(TokenInfo) });
export type TokenList = Static<typeof TokenList>;
export const NewToken = Type.Object({ name: Name, role: Role }, { additionalProperties: false });
export type NewToken = Static<typeof NewToken>;
/** The only time that the token itself is shown. */
export const CreatedToken = Type.Composite([TokenInfo, Type.Object({ token: Type.String() })]);
export type CreatedToken = Static<typeof CreatedToken>;

export const Me = Type.Object({ tokenId: Type.String(), name: Type.String(), role: Role });
export type Me = Static<typeof Me>;

export const AuditEntry = Type.Object({
  seq: Count,
  timeMs: TimeMs,
  /** Name and id of the token, or `system`. */
  actor: Type.String(),
  /** Dotted verb: `device.desired`, `token.created`. */
  action: Type.String(),
  target: Type.String(),
  /** `ok` or the code of the error. */
  result: Type.String(),
  detail: Type.String({ description: 'What was asked, as JSON; never a secret' }),
  /** sha256 over this entry and the hash before it, hex. */
  hash: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;
export const AuditQuery = Type.Object({
  before: Type.Optional(Count),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});
export type AuditQuery = Static<typeof AuditQuery>;
export const AuditList = Type.Object({ entries: Type.Array(AuditEntry), next: Type.Optional(Count) });
export type AuditList = Static<typeof AuditList>;
export const AuditCheck = Type.Object({
  intact: Type.Boolean(),
  entries: Count,
  /** First entry whose hash does not fit. */
  brokenAt: Type.Optional(Count),
});
export type AuditCheck = Static<typeof AuditCheck>;
