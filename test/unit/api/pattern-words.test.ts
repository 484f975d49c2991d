import { describe, expect, it } from 'vitest';
import { patternWords } from '../../../src/api/pattern-words.ts';
import { routes } from '../../../src/api/routes.ts';
import { AgentSettings } from '../../../src/runtime/settings/agent.ts';
import { ControllerSettings } from '../../../src/runtime/settings/controller.ts';

it.each([
  [
    '^[a-z][a-z0-9-]{0,31}$',
    'must start with small letters, then have small letters, digits and -, at most 32 characters',
  ],
  [
    '^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$',
    'must start with letters or digits, then have letters, digits, ., _, spaces and -, at most 64 characters',
  ],
  [
    '^(?!controller$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    'must start with letters or digits, then have letters, digits, ., _ and -, at most 64 characters, and not be "controller"',
  ],
  [
    '^[a-z0-9][a-z0-9.-]{1,62}$',
    'must start with small letters or digits, then have small letters, digits, . and -, 2 to 63 characters',
  ],
  ['^https?://', 'must begin with http:// or https://'],
  ['^https://', 'must begin with https://'],
  ['^(mqtt|mqtts|ws|wss)://', 'must begin with mqtt://, mqtts://, ws:// or wss://'],
  ['^/[a-z]+$', 'has another form'],
])('The pattern %s in words', (pattern, words) => {
  expect(patternWords(pattern)).toBe(words);
});

/** Every pattern of a schema, also of the names of a record. */
function patternsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { pattern, patternProperties = {} } = schema as { pattern?: unknown; patternProperties?: object };
  return [
    ...(typeof pattern === 'string' ? [pattern] : []),
    ...Object.keys(patternProperties).filter((one) => one !== '^(.*)$'),
    ...Object.values(schema).flatMap(patternsOf),
  ];
}

describe('A person never reads a pattern', () => {
  const asked = Object.values(routes).map(({ params, query, body }: Record<string, unknown>) => [
    params,
    query,
    body,
  ]);
  it.each([...new Set(patternsOf([AgentSettings, ControllerSettings, asked]))])('%s', (pattern) => {
    expect(patternWords(pattern)).not.toBe('has another form');
  });
});
