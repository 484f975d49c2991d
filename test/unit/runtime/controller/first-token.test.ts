import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { adminTokenFile, ensureFirstToken } from '../../../../src/runtime/controller/first-token.ts';
import { TestFleet } from '../../../fakes/test-fleet.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

it('A first token that could not be written is none, and the next start makes one', async () => {
  const fleet = await TestFleet.open();
  onTestFinished(() => fleet.stop());
  const { controller } = fleet;
  const dataDir = join(temporaryFolder(), 'data');
  // No folder can be made there.
  writeFileSync(dataDir, '');
  await expect(ensureFirstToken(controller, dataDir)).rejects.toThrow(/keep the first token/);
  expect(controller.access.listTokens().tokens).toEqual([]);
  expect((await fleet.store.load({ warningsMs: 0, incidentsMs: 0 })).tokens).toEqual([]);

  const folder = temporaryFolder();
  await ensureFirstToken(controller, folder);
  const token = readFileSync(adminTokenFile(folder), 'utf8').trim();
  expect(controller.access.authenticate(token)).toMatchObject({ role: 'admin' });
  // Once is enough.
  await ensureFirstToken(controller, folder);
  expect(controller.access.listTokens().tokens).toHaveLength(1);
});
