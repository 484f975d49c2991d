import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../src/adapters/crypto/node-secrets.ts';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { OidcIdentityProvider } from '../../src/adapters/oidc/index.ts';
import { FleetMetrics } from '../../src/adapters/prometheus/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import type { Log } from '../../src/base/index.ts';
import { FleetController } from '../../src/controller/index.ts';
import { encodePayload, topics } from '../../src/protocol/index.ts';
import { freePort } from '../contract/brokers.ts';
import { fakeArtifacts } from '../fakes/fake-artifacts.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FakeBroker, FakeTransport } from '../fakes/fake-transport.ts';
import { admin, birth } from '../fakes/test-fleet.ts';
import { oidcClient, TestProvider } from '../fixtures/oidc-provider.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';

const title = `Signing in at a real provider of OpenID Connect${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const clock = new SystemClock();
  const store = new FakeStore();
  const broker = new FakeBroker(clock);
  const browser = dashboardBrowser();
  const logged: string[] = [];
  let provider: TestProvider;
  let controller: FleetController;
  let server: FleetServer;
  let url: string;
  let page: Page;
  let faults: string[];
  /** Every address that the browser asked for or showed. */
  let addresses: string[];

  const log: Log = {
    ...{
      debug: (...line) => void logged.push(JSON.stringify(line)),
      info: (...line) => void logged.push(JSON.stringify(line)),
      warn: (...line) => void logged.push(JSON.stringify(line)),
      error: (...line) => void logged.push(JSON.stringify(line)),
    },
    child: () => log,
  };

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const redirectUrl = `${url}/auth/callback`;
    provider = await TestProvider.start({
      groups: {
        alice: ['robots-admins', 'staff'],
        olga: ['robots-operators'],
        vera: ['staff'],
        hugo: ['hall-1-operators'],
        mallory: ['guests'],
      },
      redirectUrl,
    });
    const { id: clientId, secret: clientSecret } = oidcClient;
    controller = new FleetController({
      ...{ store, clock, log, secrets: nodeSecrets, artifacts: fakeArtifacts() },
      transport: new FakeTransport(broker, 'controller'),
      people: {
        provider: new OidcIdentityProvider({
          ...{ issuer: provider.issuer, clientId, clientSecret, redirectUrl, scopes: ['profile', 'email'] },
        }),
        groupsClaim: 'groups',
        roles: { admin: ['robots-admins'], operator: ['robots-operators'], viewer: ['staff'] },
        scopedRoles: [{ members: ['hall-1-operators'], role: 'operator', scope: { groups: ['hall-1'] } }],
        sessionMs: 3_600_000,
      },
    });
    await controller.start();
    server = new FleetServer(
      { controller, metrics: new FleetMetrics(controller), clock, log },
      {
        host: '127.0.0.1',
        port,
        version: '0',
        dashboard: browser.folder,
        publicUrl: url,
        provider: 'the test',
      },
    );
    await server.listen();
  });
  afterAll(async () => {
    await server?.close();
    await controller?.close();
    await provider?.close();
  });

  async function signIn(login: string): Promise<void> {
    ({ page, faults } = await browser.open({ viewport: { width: 1280, height: 900 } }));
    addresses = [];
    page.on('request', (request) => addresses.push(request.url()));
    page.on('framenavigated', (frame) => addresses.push(frame.url()));
    await page.goto(url);
    await page.getByRole('link', { name: 'Sign in with the test' }).click();
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    await page.locator('button[type=submit]').filter({ hasText: 'Continue' }).click();
    await page.waitForURL(`${url}/**`);
  }
  /** Whoever is signed in can leave. */
  const home = () => page.getByRole('button', { name: /sign out/i }).waitFor();
  const cookies = async () =>
    (await page.context().cookies(url)).filter(({ name }) => name.includes('goshawk'));
  const session = async () => (await cookies()).find(({ name }) => name.includes('session'))!;
  const as = (cookie: string, method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1${path}`, { method, headers: { cookie: `goshawk-session=${cookie}`, ...headers } });
  const me = async (cookie: string) => (await as(cookie, 'GET', '/me')).json();

  it('lets an admin in by group, with a session that no script reads and no address holds', async () => {
    await signIn('alice');
    await home();
    // Those before are of the pages of the provider.
    const before = faults.length;
    const { value, httpOnly, sameSite } = await session();
    expect({ httpOnly, sameSite }).toEqual({ httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain(
      value,
    );
    expect(await me(value)).toEqual({ tokenId: 'oidc:alice', name: 'alice@example.org', role: 'admin' });
    for (const address of addresses) expect(address).not.toContain(value);
    expect(
      addresses.filter((address) => address.includes('id_token') || address.includes('access_token')),
    ).toEqual([]);
    // The code went by once, in a redirection: it is in no history.
    expect(page.url()).toBe(`${url}/#/`);
    const { entries } = await controller.audit.list({ limit: 50 });
    expect(entries[0]).toMatchObject({ actor: 'alice@example.org (oidc:alice)', action: 'person.signed-in' });
    expect(JSON.stringify([entries, logged, [...store.auditRows]])).not.toContain(value);
    expect(logged.join('')).not.toContain(oidcClient.secret);
    // A page that is opened anew still has it, and ends it.
    await page.reload();
    await home();
    await page.getByRole('button', { name: /sign out/i }).click();
    await page.getByRole('link', { name: 'Sign in with the test' }).waitFor();
    await picture(page, 'sign-in');
    await expect.poll(async () => (await as(value, 'GET', '/me')).status).toBe(401);
    expect(faults.slice(before).filter((fault) => !fault.includes('401'))).toEqual([]);
    await page.context().close();
  });

  it('gives each person the role of the groups, in the audit log by who it was', async () => {
    await signIn('vera');
    await home();
    const viewer = (await session()).value;
    const origin = { origin: url, 'content-type': 'application/json' };
    const refused = await as(viewer, 'PUT', '/rollouts/freeze', origin);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'forbidden' });
    expect((await as(viewer, 'GET', '/tokens')).status).toBe(403);
    await page.context().close();
    await signIn('olga');
    await home();
    const operator = (await session()).value;
    const put = await fetch(`${url}/api/v1/groups/yard/members`, {
      method: 'PUT',
      headers: { cookie: `goshawk-session=${operator}`, ...origin },
      body: '{"members":[]}',
    });
    expect(put.status).toBeLessThan(300);
    const { entries } = await controller.audit.list({ limit: 5 });
    expect(entries[0]).toMatchObject({ actor: 'olga@example.org (oidc:olga)', result: 'ok' });
    expect(entries.find(({ result }) => result === 'forbidden') ?? entries[1]).toBeDefined();
    await page.context().close();
  });

  it('limits a person to the part of the fleet that a group of the provider has, in page and API', async () => {
    const devices = new FakeTransport(broker, 'devices');
    devices.start();
    await expect.poll(() => devices.status().state).toBe('online');
    for (const [id, group] of [
      ['cam-1', 'hall-1'],
      ['cam-2', 'hall-2'],
    ] as const) {
      const payload = encodePayload('state', { ...birth, groups: [group], timeMs: Date.now() });
      await devices.publish({ topic: topics.state(id), payload, qos: 1, retain: true });
    }
    await expect.poll(() => controller.registry.size).toBe(2);
    await signIn('hugo');
    await home();
    const before = faults.length;
    await page.getByText('You are limited to').waitFor();
    await page.locator('.nav').getByRole('link', { name: 'Devices' }).click();
    await page.locator('.row').first().waitFor();
    expect(await page.locator('.row .row-link').allTextContents()).toEqual(['cam-1']);
    const { value } = await session();
    expect(await me(value)).toEqual({
      ...{ tokenId: 'oidc:hugo', name: 'hugo@example.org', role: 'operator' },
      scope: { groups: ['hall-1'] },
    });
    const origin = { origin: url, 'content-type': 'application/json' };
    const order = (id: string) =>
      fetch(`${url}/api/v1/devices/${id}/hold`, {
        method: 'PUT',
        headers: { cookie: `goshawk-session=${value}`, ...origin },
        body: '{"reason":"a film"}',
      });
    expect((await order('cam-1')).status).toBeLessThan(300);
    expect((await order('cam-2')).status).toBe(404);
    expect((await as(value, 'GET', '/devices/cam-2')).status).toBe(404);
    const { entries } = await controller.audit.list({ limit: 5 });
    expect(entries.find(({ result }) => result === 'ok')).toMatchObject({
      actor: 'hugo@example.org (oidc:hugo)',
    });
    expect(faults.slice(before)).toEqual([]);
    await page.context().close();
    await devices.close();
  });

  it('refuses people who are in no group, and says so', async () => {
    await signIn('mallory');
    await page.getByText('You are in no group that has a role in this fleet.').waitFor();
    await picture(page, 'sign-in-refused');
    expect(await session()).toBeUndefined();
    expect(page.url()).toBe(`${url}/#/`);
    await page.context().close();
  });

  it('takes no request of another site, no other cookie, and no answer that was begun elsewhere', async () => {
    await signIn('alice');
    await home();
    const { value } = await session();
    const token = { name: 'x', role: 'admin' };
    const make = (headers: Record<string, string>) =>
      fetch(`${url}/api/v1/tokens`, {
        method: 'POST',
        headers: { cookie: `goshawk-session=${value}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(token),
      });
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: url, 'sec-fetch-site': 'cross-site' },
      { origin: url, 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[]) {
      const answer = await make(headers);
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'session-origin' });
    }
    expect((await make({ origin: url, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect(
      (
        await as(
          value.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
          'GET',
          '/me',
        )
      ).status,
    ).toBe(401);
    // A callback without the cookie of its sign-in, as an attacker would make a victim's browser send it.
    const forged = await fetch(`${url}/auth/callback?code=abc&state=def`, { redirect: 'manual' });
    expect(forged.headers.get('location')).toBe('../#sign-in=sign-in-late');
    expect(forged.headers.getSetCookie()).toEqual([]);
    const begun = await fetch(`${url}/auth/sign-in`, { redirect: 'manual' });
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!;
    const wrong = await fetch(`${url}/auth/callback?code=abc&state=def`, {
      ...{ redirect: 'manual', headers: { cookie } },
    });
    expect(wrong.headers.get('location')).toBe('../#sign-in=sign-in-refused');
    const again = await fetch(`${url}/auth/callback?code=abc&state=def`, {
      ...{ redirect: 'manual', headers: { cookie } },
    });
    expect(again.headers.get('location')).toBe('../#sign-in=sign-in-late');
    await page.context().close();
  });

  it('leaves tokens as they are', async () => {
    const { token } = await controller.access.createToken(admin, { name: 'cli', role: 'viewer' });
    const answer = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ name: 'cli', role: 'viewer' });
  });
});
