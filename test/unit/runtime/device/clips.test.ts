import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { openClips } from '../../../../src/runtime/device/clips.ts';
import type { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

it('Clips that are left of cameras that keep none any more are listed, and grow old', async () => {
  const dataDir = temporaryFolder();
  const settings = { dataDir, cameras: { front: { source: 'sim' } } } as unknown as AgentSettings;
  const ports = { clock: new FakeClock(), log: silentLog, privacy: {} as never, reportEvent: () => {} };
  expect(await openClips(settings, ports)).toBeUndefined();
  mkdirSync(join(dataDir, 'clips'));
  const recorder = await openClips(settings, ports);
  expect(recorder?.list({ limit: 10 })).toEqual({ clips: [], more: false, total: { count: 0, bytes: 0 } });
  expect(recorder?.packets('front')).toBeUndefined();
  await recorder?.close();
});
