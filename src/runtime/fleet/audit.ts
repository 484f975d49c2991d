import { createHash } from 'node:crypto';
import { nodeTrustCrypto } from '../../adapters/crypto/index.ts';
import { writeFileAtomic } from '../../adapters/filesystem/index.ts';
import type { AuditEntry } from '../../api/index.ts';
import { InputError, RefusedError } from '../../base/index.ts';
import { AuditChecker } from '../../controller/index.ts';
import { readNamedFile } from '../../platform/index.ts';
import { FieldReader, imageRepository, parseAnchor, TrustedSet, timeText } from '../../trust/index.ts';
import type { FleetClient } from './client.ts';

/** The whole log, oldest entry first, one line of JSON each. */
export async function exportAudit(client: Pick<FleetClient, 'call'>, out: string): Promise<number> {
  const pages: AuditEntry[] = [];
  for (let before: number | undefined; ; ) {
    const { entries, next } = await client.call('GET /audit', { query: { before, limit: 1000 } });
    pages.push(...entries);
    if (next === undefined) break;
    before = next;
  }
  const lines = pages.reverse().map((entry) => `${JSON.stringify(entry)}\n`);
  await writeFileAtomic(out, lines.join(''), { mode: 0o600 });
  return pages.length;
}

export interface VerifiedAudit {
  readonly entries: number;
  /** Of each signed timestamp: up to which entry it vouches for the log. */
  readonly anchored: readonly { readonly entries: number; readonly signedAt: string }[];
}

/**
 * Checks a log that somebody gave away against metadata that was signed and fetched at any time, without asking anybody.
 * RefusedError `audit-broken` where an entry was changed, left out or put in, `audit-other` where the log is not the one that
 * was vouched for.
 */
export async function verifyAudit(
  log: string,
  rootFile: string,
  timestamps: readonly string[],
): Promise<VerifiedAudit> {
  const entries = await readEntries(log);
  const checker = new AuditChecker((text) => createHash('sha256').update(text).digest('hex'));
  for (const entry of entries) checker.next(entry);
  const result = checker.result();
  if (!result.intact)
    throw new RefusedError(
      'audit-broken',
      `The log is not whole: entry ${result.brokenAt} does not follow from those before it.`,
      'Ask for the log again, and who had it in between.',
    );
  const { image } = parseAnchor(await read(rootFile));
  const anchored = [];
  for (const file of timestamps) anchored.push(vouched(entries, image, await read(file), file));
  return { entries: entries.length, anchored };
}

function vouched(entries: readonly AuditEntry[], root: Uint8Array, bytes: Uint8Array, file: string) {
  const trusted = new TrustedSet(root, nodeTrustCrypto(), imageRepository);
  if (!trusted.knowTimestamp(bytes))
    throw new RefusedError(
      'audit-timestamp',
      `${file} is not signed by the key that the root names.`,
      'Give the current root: `goshawk keys show` prints its version.',
    );
  const { issuedMs = 0, custom } = trusted.timestamp!;
  const read = new FieldReader(file);
  const audit = read.object(custom?.audit, 'custom.audit');
  const count = read.count(audit.entries, 'custom.audit.entries', 1);
  const head = read.text(audit.head, 'custom.audit.head');
  if (entries[count - 1]?.hash !== head)
    throw new RefusedError(
      'audit-other',
      `The signature of ${timeText(issuedMs)} was made for another log: entry ${count} is ${count > entries.length ? 'missing' : 'different'} in this one.`,
      'The log was cut off or rewritten after that time. Compare it with an earlier export.',
    );
  return { entries: count, signedAt: timeText(issuedMs) };
}

async function readEntries(file: string): Promise<AuditEntry[]> {
  const lines = (await read(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line, at) => {
    try {
      return JSON.parse(line) as AuditEntry;
    } catch (cause) {
      throw new InputError(
        'audit-form',
        `Line ${at + 1} of ${file} is not an entry.`,
        'Export it: goshawk audit export.',
        {
          cause,
        },
      );
    }
  });
}

async function read(file: string): Promise<Buffer> {
  return readNamedFile(file, 'read the file');
}
