import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../src/platform/index.ts';
import { anyS3, type S3Place } from '../fixtures/s3-store.ts';
import { eventually, type Program } from './fleet/program.ts';
import { sharedDatabaseMissing as missing, SharedDatabase } from './fleet/shared-database.ts';
import { goshawk, jsonLines, tinyBundleFolder } from './goshawk.ts';

let fleet: SharedDatabase;
let s3: { readonly place: S3Place; close(): Promise<void> };
beforeEach(async () => {
  if (missing !== undefined) return;
  fleet = await SharedDatabase.start({ devices: 1 });
  s3 = await anyS3();
});
afterEach(async () => {
  await fleet?.close();
  await s3?.close();
});

/** A controller with a data folder of its own; what it shares is the database and the store. */
function controller(name: string, more: object = {}): Program {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3.place;
  const credentialsFile = fleet.file('s3', `${accessKeyId} ${secretAccessKey}`);
  return fleet.program(name, {
    roles: ['control'],
    registry: { s3: { ...{ endpoint, bucket, region, credentialsFile }, prefix: 'shared/' } },
    ...more,
  });
}
const standsBy = (program: Program) =>
  eventually('it stands by', () => program.log.some(({ msg }) => msg?.includes('standing by')));

test.skipIf(missing !== undefined)(
  'a standby with a folder of its own has the models of the leader when it takes over',
  { timeout: 600_000 },
  async () => {
    const first = controller('first');
    const { url } = await first.line('started');
    const second = controller('second');
    await standsBy(second);
    const token = readFileSync(join(fleet.folder, 'first', 'admin.token'), 'utf8').trim();
    const bundle = await tinyBundleFolder(fleet.folder);
    const pushed = await goshawk('model', 'push', bundle, '--url', String(url), '--token', token);
    expect(pushed).toMatchObject({ code: 0 });
    await first.end('SIGKILL');
    const { url: next } = await second.line('started');
    const target = ['--url', String(next), '--token', token];
    const listed = await goshawk('model', 'list', '--json', ...target);
    expect(JSON.stringify(jsonLines(listed.stdout))).toContain('tiny');
    const out = join(fleet.folder, 'pulled');
    expect(await goshawk('model', 'pull', 'tiny:1.0.0', '--out', out, ...target)).toMatchObject({ code: 0 });
    expect(readFileSync(join(out, 'fp32.onnx'))).toEqual(readFileSync(join(bundle, 'fp32.onnx')));
    // A download that broke off at the first continues at the second.
    const bytes = readFileSync(join(bundle, 'fp32.onnx'));
    const rest = await fetch(`${next}/v2/tiny/blobs/${digestOf(bytes)}`, {
      headers: { authorization: `Bearer ${token}`, range: 'bytes=100-' },
    });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(bytes.subarray(100));
    // And the next one, once more: what was deleted stays so.
    const third = controller('third');
    await standsBy(third);
    const deleted = await fetch(`${next}/v2/tiny/manifests/1.0.0`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(deleted.status).toBe(202);
    await second.end('SIGKILL');
    const { url: last } = await third.line('started');
    const after = await fetch(`${last}/v2/tiny/tags/list`, { headers: { authorization: `Bearer ${token}` } });
    expect(await after.json()).toMatchObject({ tags: [] });
  },
);

test.skipIf(missing !== undefined)(
  'models of a controller that had SQLite before move into the database once',
  { timeout: 600_000 },
  async () => {
    const folder = join(fleet.folder, 'before', 'artifacts', 'repositories');
    mkdirSync(folder, { recursive: true });
    const digest = `sha256:${'a'.repeat(64)}`;
    const record = {
      name: 'old',
      blobs: [{ digest, size: 1, linkedMs: Date.now() }],
      manifests: [],
      tags: {},
    };
    writeFileSync(join(folder, 'old.json'), JSON.stringify(record));
    const before = controller('before');
    await before.line('started');
    const rows = await fleet.server.sql(`SELECT id FROM goshawk.document WHERE kind = 'repository'`);
    expect(rows).toEqual([{ id: 'old' }]);
    expect(readdirSync(join(folder, '..')).filter((name) => name.startsWith('repositories'))).toEqual([
      expect.stringMatching(/^repositories\.moved-\d+$/),
    ]);
  },
);

test.skipIf(missing !== undefined)(
  'two controllers that start at once in one folder have the same keys',
  { timeout: 600_000 },
  async () => {
    const shared = { dataDir: join(fleet.folder, 'keys') };
    const both = [controller('one', shared), controller('two', shared)];
    await eventually(
      'one leads and one stands by',
      () =>
        both.some(({ lines }) => lines.some(({ type }) => type === 'started')) &&
        both.some(({ log }) => log.some(({ msg }) => msg?.includes('standing by'))),
    );
    const key = () => readFileSync(join(shared.dataDir, 'secrets.key'), 'utf8');
    const before = key();
    const leader = both.find(({ lines }) => lines.some(({ type }) => type === 'started'));
    const standby = both.find((one) => one !== leader);
    const [token, online] = ['admin.token', 'trust/online.key'].map((name) =>
      readFileSync(join(shared.dataDir, name), 'utf8'),
    );
    await leader?.end('SIGKILL');
    const started = await standby?.line('started');
    expect([key(), readFileSync(join(shared.dataDir, 'trust/online.key'), 'utf8')]).toEqual([before, online]);
    const answer = await fetch(`${started?.url}/api/v1/devices`, {
      headers: { authorization: `Bearer ${token?.trim()}` },
    });
    expect(answer.status).toBe(200);
  },
);
