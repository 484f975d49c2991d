import { expect, it } from 'vitest';
import { patternWords } from '../../../../src/runtime/settings/pattern-words.ts';

it.each([
  [
    '^[a-z][a-z0-9-]{0,31}$',
    'must start with small letters, then have small letters, digits and -, at most 32 characters',
  ],
  [
    '^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$',
    'must start with letters or digits, then have letters, digits, ., _, spaces and -, at most 64 characters',
  ],
  ['^https?://', 'must begin with http:// or https://'],
  ['^https://', 'must begin with https://'],
  ['^(mqtt|mqtts|ws|wss)://', 'must begin with mqtt://, mqtts://, ws:// or wss://'],
  ['^/[a-z]+$', 'must have the form of ^/[a-z]+$'],
])('The pattern %s in words', (pattern, words) => {
  expect(patternWords(pattern)).toBe(words);
});
