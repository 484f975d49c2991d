import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ended, start } from './goshawk.ts';

describe('A command whose reader has gone, as with `goshawk ... | head`', () => {
  it('ends as on SIGTERM, without a stack', async () => {
    const child = start('model', 'optimize', '--help');
    child.stdout?.destroy();
    const closed = once(child, 'exit');
    const { stderr } = await ended(child);
    expect(stderr).toBe('');
    expect(await closed).toEqual([null, 'SIGTERM']);
  });
});
