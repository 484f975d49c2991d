import { InvalidArgumentError } from 'commander';
import type { Labels } from '../../api/index.ts';

/** `site=west,ring=canary`; nothing at all is no label. What is no label must not take the others away. */
export function parseLabels(text: string): Labels {
  if (text.trim() === '') return {};
  const labels = new Map<string, string>();
  for (const one of text.split(',')) {
    const [, key = '', value = ''] = /^\s*([^=\s]+)=(.*?)\s*$/.exec(one) ?? [];
    if (key === '' || value === '') throw new InvalidArgumentError('Write labels as site=west,ring=canary.');
    if (labels.has(key)) throw new InvalidArgumentError(`You give the label ${key} twice. Remove one.`);
    labels.set(key, value);
  }
  return Object.fromEntries(labels);
}
