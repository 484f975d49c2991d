import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../src/adapters/postgres/index.ts';
import { Session } from '../../src/adapters/postgres/session.ts';
import { databaseAddress } from '../../src/runtime/controller/database.ts';
import type { DatabaseSetting } from '../../src/runtime/settings/database.ts';
import { PostgresServer, postgresMissing } from '../fixtures/postgres-server.ts';

const missing =
  postgresMissing ?? (spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl');

let folder: string;
let server: PostgresServer;
let plain: PostgresServer;
const at = (name: string) => join(folder, name);

function openssl(...args: readonly string[]): void {
  const ran = spawnSync('openssl', args, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
}

function makeAuthority(name: string): void {
  openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
  );
}

/** Signed by the authority `ours`. */
function makeCertificate(name: string, common: string, alternative: string): void {
  openssl(
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${common}`, '-keyout', at(`${name}.key`)],
    ...['-addext', `subjectAltName=${alternative}`, '-out', at(`${name}.csr`)],
  );
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      at(`${name}.csr`),
      '-CA',
      at('ours.pem'),
      '-CAkey',
      at('ours.key'),
      '-days',
      '2',
    ],
    ...['-copy_extensions', 'copy', '-out', at(`${name}.pem`)],
  );
}

beforeAll(async () => {
  if (missing !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'goshawk-database-tls-'));
  makeAuthority('ours');
  makeAuthority('theirs');
  makeCertificate('server', 'database', 'IP:127.0.0.1');
  makeCertificate('client', 'certified', 'DNS:certified');
  writeFileSync(at('password'), 'long and secret\n', { mode: 0o600 });
  const text = (name: string) => readFileSync(at(name), 'utf8');
  server = await PostgresServer.start({
    tls: { cert: text('server.pem'), key: text('server.key'), clients: text('ours.pem') },
  });
  await server.sql('CREATE ROLE certified LOGIN SUPERUSER');
  plain = await PostgresServer.start();
});
afterAll(async () => {
  if (missing !== undefined) return;
  await server.close();
  await plain.close();
  rmSync(folder, { recursive: true, force: true });
});

function addressOf(change: Partial<DatabaseSetting> = {}, { host = '127.0.0.1', port = server.port } = {}) {
  const url = `postgres://postgres@${host}:${port}/postgres`;
  return databaseAddress({
    url,
    tls: 'verify',
    passwordFile: at('password'),
    caFile: at('ours.pem'),
    ...change,
  });
}
const check = async (...given: Parameters<typeof addressOf>) => checkDatabase(await addressOf(...given));

describe.skipIf(missing !== undefined)('A PostgreSQL with a certificate', () => {
  it('is believed where the authority signed it for its address, and the connection is encrypted', async () => {
    const session = await Session.open(await addressOf(), 'test');
    const encrypted = await session.sql.get(
      'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    await session.close();
    expect(encrypted).toMatchObject({ ssl: true, version: expect.stringMatching(/^TLSv1\.[23]$/) });
  });

  it('is refused where another authority signed it', async () => {
    await expect(check({ caFile: at('theirs.pem') })).rejects.toMatchObject({
      code: 'database-tls',
      message: expect.stringMatching(
        /^TLS with the database postgres at 127\.0\.0\.1:\d+ failed: .*certificate/,
      ),
      remedy: expect.stringContaining('database.caFile'),
    });
  });

  it('is refused where its certificate is for another address', async () => {
    await expect(check({}, { host: 'localhost' })).rejects.toMatchObject({
      code: 'database-tls',
      message: expect.stringContaining('localhost'),
    });
  });

  it('is refused where it does not speak TLS, before anybody gives it a password', async () => {
    await expect(check({}, { port: plain.port })).rejects.toMatchObject({
      code: 'database-tls',
      message: expect.stringContaining('does not support SSL'),
    });
  });

  it('takes the certificate of a client in place of a password', async () => {
    const url = `postgres://certified@127.0.0.1:${server.port}/postgres`;
    const own = { certFile: at('client.pem'), keyFile: at('client.key'), caFile: at('ours.pem') };
    const address = await databaseAddress({ ...own, url, tls: 'verify' });
    expect(await checkDatabase(address)).toMatchObject({ server: expect.stringMatching(/^\d+/) });
  });
});
