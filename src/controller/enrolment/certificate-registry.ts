import type { CertificateRow } from '../store/rows.ts';
import type { RevokedCertificate } from './authority.ts';

/** Every certificate that was given to a device and is still of interest. */
export class CertificateRegistry {
  readonly #byFingerprint = new Map<string, CertificateRow>();
  readonly #byDevice = new Map<string, Set<string>>();
  readonly #byKey = new Map<string, Set<string>>();

  load(rows: readonly CertificateRow[]): void {
    for (const row of rows) this.put(row);
  }

  put(row: CertificateRow): void {
    this.#byFingerprint.set(row.fingerprint, row);
    index(this.#byDevice, row.device, row.fingerprint);
    index(this.#byKey, row.key, row.fingerprint);
  }

  remove(fingerprint: string): void {
    const row = this.#byFingerprint.get(fingerprint);
    if (row === undefined) return;
    this.#byFingerprint.delete(fingerprint);
    unindex(this.#byDevice, row.device, fingerprint);
    unindex(this.#byKey, row.key, fingerprint);
  }

  get(fingerprint: string): CertificateRow | undefined {
    return this.#byFingerprint.get(fingerprint);
  }

  ofDevice(device: string): CertificateRow[] {
    return this.#rows(this.#byDevice.get(device));
  }

  ofKey(key: string): CertificateRow[] {
    return this.#rows(this.#byKey.get(key));
  }

  all(): CertificateRow[] {
    return [...this.#byFingerprint.values()];
  }

  /** What a list of revoked certificates has to name: one that is over needs no place there. */
  revoked(nowMs: number): RevokedCertificate[] {
    return this.all().flatMap(({ serial, revokedMs, notAfterMs }) =>
      revokedMs === undefined || notAfterMs <= nowMs ? [] : [{ serial, revokedMs }],
    );
  }

  #rows(fingerprints: ReadonlySet<string> | undefined): CertificateRow[] {
    return [...(fingerprints ?? [])].flatMap((one) => this.#byFingerprint.get(one) ?? []);
  }
}

function index(map: Map<string, Set<string>>, key: string, fingerprint: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([fingerprint]));
  else known.add(fingerprint);
}

function unindex(map: Map<string, Set<string>>, key: string, fingerprint: string): void {
  const known = map.get(key);
  known?.delete(fingerprint);
  if (known?.size === 0) map.delete(key);
}
