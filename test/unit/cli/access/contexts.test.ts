import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  contextName,
  contextsFile,
  readContexts,
  withContext,
  withoutContext,
} from '../../../../src/cli/access/contexts.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const yard = { url: 'https://yard.example', token: 'y' };
const hall = { url: 'https://hall.example:8443', token: 'h' };

function fileWith(text: string, mode = 0o600): string {
  const file = join(temporaryFolder(), 'contexts.json');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('Contexts', () => {
  it('are named by their host, and the newest login is current', () => {
    expect(contextName(hall.url)).toBe('hall.example:8443');
    expect(contextName(hall.url, 'hall')).toBe('hall');
    const both = withContext(withContext({ contexts: {} }, 'yard', yard), 'hall', hall);
    expect(both).toEqual({ current: 'hall', contexts: { yard, hall } });
    expect(withoutContext(both, 'yard')).toEqual({ current: 'hall', contexts: { hall } });
    // No other controller is asked just because this one was left.
    expect(withoutContext(both, 'hall')).toEqual({ contexts: { yard } });
  });

  it('are below XDG_CONFIG_HOME, and none without a file', () => {
    expect(contextsFile({ XDG_CONFIG_HOME: '/x' })).toBe('/x/goshawk/contexts.json');
    expect(contextsFile({ XDG_CONFIG_HOME: '' })).toMatch(/\.config\/goshawk\/contexts\.json$/);
    expect(readContexts('/nowhere/contexts.json')).toEqual({ contexts: {} });
  });

  it('are read only from a file that no other user can read', () => {
    const text = JSON.stringify({ current: 'yard', contexts: { yard } });
    expect(readContexts(fileWith(text))).toEqual({ current: 'yard', contexts: { yard } });
    for (const mode of [0o640, 0o604]) {
      const file = fileWith(text, mode);
      expect(() => readContexts(file)).toThrow(
        `Other users of this machine can read your tokens in ${file}.`,
      );
    }
  });

  it.each(['', '{', '[]', '{"contexts":{"a":{"url":"http://a"}}}'])('are refused as %j', (text) => {
    expect(() => readContexts(fileWith(text))).toThrow('is not a file of contexts');
  });
});
