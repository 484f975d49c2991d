import { describe, expect, it } from 'vitest';
import type { AlertRuleDraft } from '../../../../src/api/index.ts';
import { shownAddress } from '../../../../src/api/index.ts';
import { auditedDraft, publicRule, ruleFrom } from '../../../../src/controller/alerts/rule.ts';

const identity = { id: 'r1', createdMs: 1, nowMs: 2 };
const unseen = () => undefined;
const offline: AlertRuleDraft = { name: 'away', when: { kind: 'offline' } };

const badMail = [
  'mailto:',
  'mailto:ann',
  'mailto:ann@a.example?bcc=all@b.example',
  'mailto:ann@a.example\r\nRCPT TO:<eve@b.example>',
  'mailto:Ann <ann@a.example>',
  `mailto:${'a@a.example,'.repeat(20)}a@a.example`,
];

describe('An alert rule', () => {
  it('has sensible values where none are given', () => {
    expect(ruleFrom(offline, identity, undefined, unseen)).toEqual({
      id: 'r1',
      name: 'away',
      enabled: true,
      when: { kind: 'offline' },
      forSeconds: 60,
      scope: { groups: [], devices: [] },
      severity: 'warning',
      renotifyMinutes: 240,
      createdMs: 1,
      changedMs: 2,
    });
  });

  it.each([[{ kind: 'metric', name: 'x' }], [{ kind: 'metric', name: 'x', above: 1, below: 0 }]] as const)(
    'about a metric has exactly one bound',
    (when) => {
      expect(() => ruleFrom({ name: 'n', when }, identity, undefined, unseen)).toThrow('needs one bound');
    },
  );

  it('asks for clips of cameras that can be asked', () => {
    const clip = { before: 30, after: 5 };
    const when = { kind: 'event', event: 'zone.dwell' } as const;
    expect(ruleFrom({ name: 'n', when, clip }, identity, undefined, unseen).clip).toEqual(clip);
    expect(() => ruleFrom({ ...offline, clip }, identity, undefined, unseen)).toThrow('offline');
  });

  it.each(['https://', 'https://user:pw@host/', 'https://ho st/', 'http:///x', 'https://?x', ...badMail])(
    'refuses %s as an address',
    (url) => {
      const draft = { ...offline, notify: { to: url } };
      expect(() => ruleFrom(draft, identity, 'key', unseen)).toThrow('none that alerts are sent to');
    },
  );

  it('shows its address to admins alone and its key to nobody', () => {
    const row = ruleFrom(
      { ...offline, notify: { to: 'https://hooks.example/T0/secret' } },
      identity,
      'key',
      unseen,
    );
    expect(row.notifySecret).toBe('key');
    expect(JSON.stringify(publicRule(row, 'admin'))).not.toContain('key');
    expect(publicRule(row, 'admin').notify?.to).toBe('https://hooks.example/T0/secret');
    expect(publicRule(row, 'operator').notify?.to).toBe('https://hooks.example/…');
  });

  it('may write to people instead: without a signature, and who they are is for admins', () => {
    const url = 'mailto:ann@site.example,bob+night@site.example';
    const row = ruleFrom({ ...offline, notify: { to: url } }, identity, 'key', unseen);
    expect(row).toMatchObject({ notify: { to: url, signed: false } });
    expect(row.notifySecret).toBeUndefined();
    expect(publicRule(row, 'operator').notify?.to).toBe('mailto:…');
    expect(JSON.stringify(auditedDraft({ ...offline, notify: { to: url } }))).not.toContain('ann');
  });

  it('leaves neither key nor path in the audit', () => {
    const text = JSON.stringify(
      auditedDraft({ ...offline, notify: { to: 'https://h.example/T0/secret', secret: 'k'.repeat(20) } }),
    );
    expect(text).not.toMatch(/T0|kkk/);
    expect(text).toContain('https://h.example/…');
    expect(auditedDraft(offline)).toEqual(offline);
  });

  it('names an address without a path as it is', () => {
    expect(shownAddress('https://h.example')).toBe('https://h.example');
    expect(shownAddress('nonsense')).toBe('…');
  });
});
