import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DownloadIdentity } from '../../src/adapters/oci/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { openIdentityFolder } from '../../src/runtime/device/identity.ts';
import { SealedModels } from '../../src/runtime/device/sealed-models.ts';
import { deviceModels } from '../fixtures/device-models.ts';
import { encryptFor, writeFixedBundle } from '../fixtures/encrypted-bundle.ts';
import { enrolFolder } from '../fixtures/enrolled-folder.ts';
import { FakeRegistry } from '../fixtures/fake-registry.ts';
import { fleetIdentities } from '../fixtures/fleet-identities.ts';
import { SoftTpm, softTpmMissing } from '../fixtures/soft-tpm.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const title = `A device’s key sealed by a TPM in software${softTpmMissing === undefined ? '' : ` (skipped: ${softTpmMissing})`}`;
const never = new AbortController().signal;
const network = Buffer.from('a network that only some devices may have');

describe.skipIf(softTpmMissing !== undefined)(title, () => {
  let own: SoftTpm;
  let dataDir: string;
  let identity: DownloadIdentity;
  const place = process.env.TPM2TOOLS_TCTI;

  beforeEach(async () => {
    own = await SoftTpm.start();
    dataDir = temporaryFolder();
    identity = await (await fleetIdentities())('cam-1');
    await enrolFolder(dataDir, identity);
  });
  afterEach(async () => {
    if (place === undefined) delete process.env.TPM2TOOLS_TCTI;
    else process.env.TPM2TOOLS_TCTI = place;
    await own.close();
  });

  /** What a new process on a board with this TPM reads. */
  function start(tpm: SoftTpm, pcrs: number[] = []) {
    process.env.TPM2TOOLS_TCTI = tpm.environment.TPM2TOOLS_TCTI;
    return openIdentityFolder(dataDir, { seal: { with: 'tpm2', pcrs } }, silentLog);
  }
  const files = () => readdirSync(join(dataDir, 'identity')).sort();

  it('opens an encrypted model after a restart, with nothing of the key plain on the disk', async () => {
    const registry = await new FakeRegistry().start();
    onTestFinished(() => registry.close());
    const work = temporaryFolder();
    await writeFixedBundle(join(work, 'plain'), network);
    await encryptFor(work, ['plain', 'sealed'], identity);
    const model = await registry.addFolder(join(work, 'sealed'));

    await start(own).load();
    expect(files()).toEqual(['ca.crt', 'device.crt', 'device.key.sealed', 'membership.json']);
    const text = readFileSync(join(dataDir, 'identity', 'device.key.sealed'), 'utf8');
    expect(text).not.toContain('PRIVATE KEY');

    const key = await start(own).keyPem();
    const sealed = new SealedModels(() => key);
    const models = deviceModels(temporaryFolder(), { sealed }, { registry: () => registry.url });
    await models.download(model, () => {}, never);
    const bundle = await models.verify(model.digest);
    const file = bundle.manifest.variants[0]?.file;
    if (file === undefined) throw new Error('a bundle without a file');
    expect(Buffer.from((await sealed.plain(bundle, file)) ?? [])).toEqual(network);
    expect((await start(own).load())?.certificate).toBe(identity.cert);
  });

  it('is refused by another TPM, and after the own one was cleared', async () => {
    const other = await SoftTpm.start();
    onTestFinished(() => other.close());
    await start(own).load();
    await expect(start(other).load()).rejects.toMatchObject({ code: 'tpm-another' });
    own.clear();
    await expect(start(own).load()).rejects.toMatchObject({ code: 'tpm-another' });
    expect(files()).toContain('device.key.sealed');
  });

  it('bound to PCRs is refused after what they measure has changed, and says so', async () => {
    await start(own, [7]).load();
    expect((await start(own, [7]).load())?.certificate).toBe(identity.cert);
    own.extend(7);
    await expect(start(own, [7]).load()).rejects.toMatchObject({ code: 'tpm-pcrs-changed' });
  });

  it('that is damaged says so', async () => {
    await start(own).load();
    const path = join(dataDir, 'identity', 'device.key.sealed');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"private": "', '"private": "A'));
    await expect(start(own).load()).rejects.toMatchObject({ code: 'tpm-object-damaged' });
  });
});
