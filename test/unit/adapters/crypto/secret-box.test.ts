import { expect, test } from 'vitest';
import { aesSecretBox, secretKeyBytes } from '../../../../src/adapters/crypto/index.ts';

const box = aesSecretBox(new Uint8Array(secretKeyBytes).fill(1));

test('opens what it sealed, which is never the same twice and does not show the text', () => {
  for (const text of ['', 'geheim', 'ä'.repeat(1000)]) {
    const sealed = box.seal(text, 'rule');
    expect(sealed).not.toBe(box.seal(text, 'rule'));
    if (text !== '') expect(Buffer.from(sealed, 'base64').includes(text)).toBe(false);
    expect(box.open(sealed, 'rule')).toBe(text);
  }
});

test('refuses another context, another key, any changed byte and what is cut off', () => {
  const sealed = box.seal('geheim', 'rule');
  expect(() => box.open(sealed, 'other rule')).toThrow();
  expect(() => aesSecretBox(new Uint8Array(secretKeyBytes)).open(sealed, 'rule')).toThrow();
  const bytes = Buffer.from(sealed, 'base64');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => box.open(changed.toString('base64'), 'rule')).toThrow();
    expect(() => box.open(bytes.subarray(0, at).toString('base64'), 'rule')).toThrow();
  }
});
