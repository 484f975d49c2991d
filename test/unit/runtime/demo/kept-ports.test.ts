import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keptPorts } from '../../../../src/runtime/demo/kept-ports.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

it('A fleet that is started again has its ports again, for devices that know them', async () => {
  const folder = temporaryFolder();
  const first = await keptPorts(folder);
  expect(first.broker).toBeGreaterThan(0);
  expect(await keptPorts(folder)).toEqual(first);
});

it('A port that another program took is replaced, and the new one kept', async () => {
  const folder = temporaryFolder();
  const first = await keptPorts(folder);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.broker, '127.0.0.1', resolve));
  const second = await keptPorts(folder);
  other.close();
  expect(second.broker).not.toBe(first.broker);
  expect(second.devices).toBe(first.devices);
  expect(JSON.parse(readFileSync(join(folder, 'ports.json'), 'utf8'))).toEqual(second);
});

it.each(['', '{', '{"broker":-1,"devices":"x"}', 'null'])('Any port after the file %j', async (text) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ports.json'), text);
  expect((await keptPorts(folder)).broker).toBeGreaterThan(0);
});
