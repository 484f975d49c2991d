import type { AuditCheck, AuditEntry } from '../../api/index.ts';
import { canonicalJson } from '../../base/index.ts';
import type { AuditDraft } from '../store/rows.ts';

/** Hash before the first entry. */
export const auditRoot = '0'.repeat(64);

/** sha256 of a text as hex. */
export type HashText = (text: string) => string;

/**
 * Seals an entry to all entries before it: changing, removing or inserting one breaks every hash after it. Cutting off
 * the end is the one thing that the chain alone can't show; keep the newest hash elsewhere to notice that.
 */
export function sealAudit(hash: HashText, previous: string, seq: number, draft: AuditDraft): AuditEntry {
  return { ...draft, seq, hash: hash(canonicalJson({ previous, seq, ...content(draft) })) };
}

/** Entries that follow the last one that is kept; undefined: none is. */
export function sealAudits(
  hash: HashText,
  last: { readonly seq: number; readonly hash: string } | undefined,
  drafts: readonly AuditDraft[],
): readonly AuditEntry[] {
  let { seq, hash: previous } = last ?? { seq: 0, hash: auditRoot };
  return drafts.map((draft) => {
    seq += 1;
    const entry = sealAudit(hash, previous, seq, draft);
    previous = entry.hash;
    return entry;
  });
}

/** Walks the chain from its first entry. */
export class AuditChecker {
  readonly #hash: HashText;
  #previous = auditRoot;
  #entries = 0;
  #brokenAt: number | undefined;

  constructor(hash: HashText) {
    this.#hash = hash;
  }

  next(entry: AuditEntry): void {
    const seq = this.#entries + 1;
    this.#entries = seq;
    if (this.#brokenAt !== undefined) return;
    const expected = sealAudit(this.#hash, this.#previous, seq, content(entry));
    if (entry.seq !== seq || entry.hash !== expected.hash) this.#brokenAt = entry.seq;
    this.#previous = entry.hash;
  }

  result(): AuditCheck {
    const intact = this.#brokenAt === undefined;
    return { intact, entries: this.#entries, ...(intact ? {} : { brokenAt: this.#brokenAt }) } as AuditCheck;
  }
}

function content(entry: AuditDraft): AuditDraft {
  const { timeMs, actor, action, target, result, detail } = entry;
  return { timeMs, actor, action, target, result, detail };
}
