import { describe, expect, it } from 'vitest';
import { ended, start } from './goshawk.ts';

describe('The help of a command whose reader has gone, as with `goshawk ... --help | head`', () => {
  it('ends without a stack', async () => {
    const child = start('model', 'optimize', '--help');
    child.stdout?.destroy();
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' });
  });
});
