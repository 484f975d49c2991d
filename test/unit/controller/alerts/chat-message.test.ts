import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/api/index.ts';
import { chatBody, subjectOf, textBody } from '../../../../src/controller/alerts/message.ts';

const alert = {
  ...{ id: 'a1', rule: 'r1', ruleName: 'rollout needs somebody', severity: 'warning', state: 'firing' },
  summary: 'controller: Rollout to-2 (street 2.0.0) is paused, wave 1: no data',
} as unknown as Alert;
const textOf = (body: string) => (JSON.parse(body) as { text: string }).text;

describe('A message to a chat', () => {
  test('is one text with what fires, and where to look', () => {
    expect(textOf(chatBody('alert.firing', alert, 'https://fleet.example/'))).toBe(
      ':rotating_light: *rollout needs somebody* (warning) is firing: controller: Rollout to-2 (street 2.0.0) is paused, wave 1: no data\n<https://fleet.example/#/drift|Dashboard>',
    );
    expect(textOf(chatBody('alert.resolved', alert, undefined))).toMatch(/is resolved: controller/);
    expect(textOf(chatBody('alert.firing', { ...alert, device: 'controller' }, 'https://f'))).toContain(
      '<https://f/#/events|',
    );
    expect(textOf(chatBody('test', alert, undefined))).toMatch(/^:wave:/);
  });

  test('calls no channel and makes no link of what a device or a person wrote', () => {
    const said = { ...alert, summary: '<!channel> & <https://evil.example|Dashboard>' };
    const text = textOf(chatBody('alert.firing', said, undefined));
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|Dashboard&gt;');
    expect(text).not.toMatch(/<[^h]/);
  });
});

describe('An e-mail', () => {
  test('says in its subject what fires, and in its text since when and where to look', () => {
    const since = { ...alert, sinceMs: Date.parse('2026-09-21T14:00:00Z') };
    const subject = subjectOf('alert.firing', since);
    const body = textBody('alert.firing', since, since.sinceMs + 60_000, 'https://fleet.example/');
    expect(subject).toBe(`[Goshawk] firing: rollout needs somebody: ${alert.summary}`);
    expect(body).toContain('Since: 2026-09-21T14:00:00.000Z\nSent: 2026-09-21T14:01:00.000Z\n');
    expect(body).toContain('https://fleet.example/#/drift');
    expect(subjectOf('alert.resolved', since)).toContain('] resolved: ');
  });
});
