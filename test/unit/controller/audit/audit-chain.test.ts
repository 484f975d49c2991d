import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../../src/api/index.ts';
import { AuditChecker, auditRoot, sealAudit } from '../../../../src/controller/audit/audit-chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function chain(count: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= count; seq++)
    entries.push(
      sealAudit(sha256, entries.at(-1)?.hash ?? auditRoot, seq, {
        timeMs: seq * 1000,
        actor: 'ann (1)',
        action: 'device.desired',
        target: `d${seq}`,
        result: 'ok',
        detail: '{}',
      }),
    );
  return entries;
}

function check(entries: readonly AuditEntry[]) {
  const checker = new AuditChecker(sha256);
  for (const entry of entries) checker.next(entry);
  return checker.result();
}

describe('the chain of the audit', () => {
  test('is intact as written', () => {
    expect(check(chain(20))).toEqual({ intact: true, entries: 20 });
    expect(check([])).toEqual({ intact: true, entries: 0 });
  });

  for (const field of ['timeMs', 'actor', 'action', 'target', 'result', 'detail', 'hash'] as const)
    test(`shows a changed ${field}`, () => {
      const entries = chain(10);
      const changed = field === 'timeMs' ? { timeMs: 1 } : { [field]: 'x' };
      entries[4] = { ...entries[4]!, ...changed };
      expect(check(entries)).toEqual({ intact: false, entries: 10, brokenAt: 5 });
    });

  test('shows a removed, an inserted and an exchanged entry', () => {
    const entries = chain(10);
    expect(check(entries.filter((entry) => entry.seq !== 3)).brokenAt).toBe(4);
    expect(check([...entries.slice(0, 3), entries[2]!, ...entries.slice(3)]).brokenAt).toBe(3);
    const swapped = [...entries];
    [swapped[5], swapped[6]] = [swapped[6]!, swapped[5]!];
    expect(check(swapped).intact).toBe(false);
  });

  test('shows an entry that was sealed anew without those after it', () => {
    const entries = chain(10);
    entries[4] = sealAudit(sha256, entries[3]!.hash, 5, { ...entries[4]!, actor: 'eve' });
    expect(check(entries).brokenAt).toBe(6);
  });
});
