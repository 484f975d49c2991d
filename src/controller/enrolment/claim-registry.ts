import type { ClaimInfo, NewClaim } from '../../api/index.ts';
import {
  type Clock,
  fromHex,
  LimitError,
  MissingError,
  RefusedError,
  toBase64,
  toHex,
} from '../../base/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { ClaimRow } from '../store/rows.ts';

const day = 86_400_000;
const maxClaims = 2000;
const shownDevices = 100;
/** A claim that can enrol no more devices is listed for this time. */
const keptMs = 90 * day;

/** The claims. As with tokens the database has only the sha256 of a secret of 256 random bits. */
export class ClaimRegistry {
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  readonly #rows = new Map<string, ClaimRow>();

  constructor(secrets: Secrets, clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  load(rows: readonly ClaimRow[]): void {
    for (const row of rows) this.#rows.set(row.id, row);
  }

  list(): ClaimInfo[] {
    return [...this.#rows.values()]
      .map(({ hash: _, ...info }) => info)
      .sort((a, b) => b.createdMs - a.createdMs);
  }

  get(id: string): ClaimRow | undefined {
    return this.#rows.get(id);
  }

  expect(id: string): ClaimRow {
    const row = this.#rows.get(id);
    if (row !== undefined) return row;
    throw new MissingError('claim-unknown', `There is no claim ${id}.`, 'List them: goshawk claim list.');
  }

  /** RefusedError `claim-refused`, the same for an unknown id and a wrong secret, and after the same time. */
  authenticate(id: string, secret: string): ClaimRow {
    const row = this.#rows.get(id);
    const matches = this.#secrets.equal(
      this.#secrets.sha256(secret),
      (row && fromHex(row.hash)) ?? new Uint8Array(32),
    );
    if (row !== undefined && matches) return row;
    throw new RefusedError(
      'claim-refused',
      'The claim is not valid.',
      'Give the device the whole line that `goshawk claim create` printed.',
    );
  }

  /** A claim that is not registered yet, and its secret. */
  draft(request: NewClaim, createdBy: string): { readonly row: ClaimRow; readonly secret: string } {
    if (this.#rows.size >= maxClaims)
      throw new LimitError(
        'claims-full',
        `There are ${maxClaims} claims already.`,
        'Claims are deleted 90 days after they end. Make a claim for more devices: --count.',
      );
    const secret = base64Url(this.#secrets.randomBytes(32));
    const createdMs = this.#clock.wallMs();
    const row: ClaimRow = {
      id: toHex(this.#secrets.randomBytes(6)),
      name: request.name,
      rule: request.rule ?? 'auto',
      count: request.count ?? 1,
      used: 0,
      groups: request.groups ?? [],
      serials: request.serials ?? [],
      createdMs,
      createdBy,
      expiresMs: createdMs + Math.round((request.days ?? 7) * day),
      devices: [],
      hash: toHex(this.#secrets.sha256(secret)),
    };
    return { row, secret };
  }

  /** The row with one more device in it. */
  usedBy(row: ClaimRow, device: string): ClaimRow {
    return {
      ...row,
      used: row.used + 1,
      devices: row.devices.length < shownDevices ? [...row.devices, device] : row.devices,
    };
  }

  put(row: ClaimRow): void {
    this.#rows.set(row.id, row);
  }

  /** Those that are over for so long that nobody asks for them. */
  outdated(): string[] {
    const nowMs = this.#clock.wallMs();
    return [...this.#rows.values()]
      .filter(({ expiresMs, withdrawnMs }) => Math.min(expiresMs, withdrawnMs ?? expiresMs) + keptMs < nowMs)
      .map(({ id }) => id);
  }

  remove(id: string): void {
    this.#rows.delete(id);
  }
}

export function base64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
