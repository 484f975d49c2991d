import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { projectRoot } from '../integration/goshawk.ts';
import { Session } from './operating-session.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

describe('docs/operating.md', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.open();
  });
  afterAll(() => session.close());

  it('shows what the commands of its session print', async () => {
    await expect(await session.page()).toMatchFileSnapshot(join(projectRoot, 'docs/operating.md'));
  });
});
