import { expect, test } from 'vitest';
import { openRule, type SecretBox, sealRule } from '../../../../src/controller/alerts/sealed-rule.ts';
import type { AlertRuleRow } from '../../../../src/controller/index.ts';

const rule = { id: 'r1', name: 'blind', notifySecret: 'geheim' } as unknown as AlertRuleRow;
const box: SecretBox = {
  seal: (text, context) => `${context}:${[...text].reverse().join('')}`,
  open: (sealed, context) => {
    if (!sealed.startsWith(`${context}:`)) throw new Error('not ours');
    return [...sealed.slice(context.length + 1)].reverse().join('');
  },
};

test('is sealed once for the database and opened for use', () => {
  const sealed = sealRule(rule, box);
  expect(sealed.notifySecret).not.toContain('geheim');
  expect(sealRule(sealed, box)).toEqual(sealed);
  expect(openRule(sealed, box)).toEqual({ rule });
});

test('without a secret is neither sealed nor opened', () => {
  const { notifySecret: _, ...without } = rule;
  expect(openRule(without, box)).toEqual({ rule: without });
  expect(sealRule(without, box)).toEqual(without);
});

test('that cannot be opened stays sealed and says why', () => {
  const sealed = sealRule(rule, box);
  expect(openRule({ ...sealed, id: 'r2' }, box)).toMatchObject({
    rule: { notifySecret: sealed.notifySecret },
    fault: 'not ours',
  });
  expect(openRule(sealed, undefined)).toMatchObject({ rule: sealed, fault: 'there is no key' });
});
