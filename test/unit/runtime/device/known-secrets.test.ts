import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { settingsRedactor } from '../../../../src/runtime/device/known-secrets.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

it('Texts lose the secrets of every kind of file that settings name, and passwords in addresses', async () => {
  const folder = temporaryFolder();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const redact = await settingsRedactor({
    broker: { passwordFile: file('password', 'wren-one\n') },
    cameras: { a: { source: 'rtsp://ann:wren-two@10.0.0.9/s' } },
    registry: { credentialsFile: file('pair', 'ann:wren-three\n') },
    telemetry: { otlp: { headersFile: file('headers', 'x-team: wren-four\nauthorization: wren-five\n') } },
  });
  const said = redact('one wren-one, wren-two, wren-three, wren-four, wren-five and no other wren');
  expect(said).not.toMatch(/wren-/);
  expect(said).toContain('no other wren');
});
