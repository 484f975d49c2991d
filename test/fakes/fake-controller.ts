import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type {
  AlertRuleDraft,
  AssignOrder,
  AuditEntry,
  DesiredSettings,
  DeviceDetail,
  Group,
  Role,
  SilenceOrder,
  TargetAnswer,
  TargetRequest,
  TokenInfo,
} from '../../src/api/index.ts';
import type { Clip } from '../../src/protocol/index.ts';
import { FakeFleet, fakeModels } from './fake-fleet.ts';
import { FakeFleetDrift } from './fake-fleet-drift.ts';
import { drawPreview } from './fake-picture.ts';

/** The same policy as the real server's: nothing inline, nothing from elsewhere. */
export const contentPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

type AlertOrder = Partial<SilenceOrder & AssignOrder>;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly role: Role;
}

/** A picture in which nothing is seen. */
const fakeTrial = {
  ...{ width: 1920, height: 1080, encoding: 'nv12', tookMs: 1_800, privacy: 'boxes' },
  jpeg: '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APn+v//Z',
};

/** What a device says of itself to whoever asks. */
const fakeDescription = {
  disk: { freeBytes: 12e9, sizeBytes: 32e9 },
  certificate: { issuer: 'CN=Goshawk test', notAfterMs: Date.UTC(2030, 0, 1) },
  remote: {
    ...{ restart: true, logs: true, bundle: true },
    cameras: ['rtsp'],
    added: { yard: 'rtsp://10.0.0.5/stream1' },
    reboot: 'The settings of this device do not allow the fleet to restart the board.',
  },
};

class Refusal extends Error {
  readonly status: number;
  readonly body: { code: string; message: string; remedy: string };

  constructor(status: number, code: string, message: string, remedy: string) {
    super(message);
    this.status = status;
    this.body = { code, message, remedy };
  }
}

/**
 * The controller's HTTP API with a made-up fleet that lives: for the tests of the dashboard and for looking at it.
 * Tokens are `viewer-token`, `operator-token` and `admin-token`.
 */
export class FakeController {
  readonly fleet: FakeFleet;
  readonly drift: FakeFleetDrift;
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #page: string;
  readonly #streams = new Set<ServerResponse>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #tokens: TokenInfo[];
  readonly #audit: AuditEntry[] = [];
  /** What devices keep of their front cameras, all of them the same. */
  clips: { readonly list: readonly Clip[]; readonly mp4: Buffer } | undefined;
  /** Devices that have reported no metric. */
  readonly withoutHistory = new Set<string>();
  /** A deployment that is in this state stays there, so that nobody misses it who looks now and then. */
  holdsAt: string | undefined;
  #port = 0;

  /** `page`: folder of the built dashboard. */
  constructor(options: { page: string; devices: number }) {
    this.fleet = new FakeFleet(options.devices, Date.now());
    this.drift = new FakeFleetDrift(this.fleet.devices, Date.now());
    this.#page = options.page;
    this.#tokens = (['viewer', 'operator', 'admin'] as const).map((role) => ({
      id: `${role}-id`,
      name: `${role} of the test`,
      role,
      createdMs: Date.now() - 86_400_000,
      createdBy: 'system',
      lastUsedMs: Date.now(),
    }));
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens; after `stop` on the same port as before, like a controller that was restarted. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    this.#every(1000, () => {
      for (const id of this.fleet.devices.keys()) {
        const device = this.fleet.tick(id, Date.now());
        if (device?.online) this.send('device', device);
      }
      this.send('fleet', this.#summary());
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers.clear();
    this.#streams.clear();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** To everybody who listens to the stream. */
  send(event: string, data: unknown): void {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #summary() {
    const alertsFiring = this.drift.alerts.filter(({ state }) => state === 'firing').length;
    return { ...this.fleet.summary(Date.now()), alertsFiring };
  }

  #every(periodMs: number, run: () => void): NodeJS.Timeout {
    const timer = setInterval(run, periodMs);
    this.#timers.add(timer);
    return timer;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    try {
      if (url.pathname === '/auth/ways') this.#answer(response, { signedIn: false });
      else if (!url.pathname.startsWith('/api/v1/')) await this.#file(url.pathname, response);
      else await this.#api(request, url, response);
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, 'fake', String(error), 'Mend the fake.');
      this.#answer(response, refusal.body, refusal.status);
    }
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = path === '/' ? 'index.html' : path.slice(1);
    const bytes = await readFile(join(this.#page, name)).catch(() => undefined);
    if (bytes === undefined || name.includes('..')) throw new Refusal(404, 'not-found', 'No such file.', '');
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
    });
    response.end(bytes);
  }

  #answer(response: ServerResponse, body: unknown, status = 200): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  async #api(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const token = /^Bearer (\w+)-token$/.exec(request.headers.authorization ?? '')?.[1];
    const role = (['viewer', 'operator', 'admin'] as const).find((one) => one === token);
    if (role === undefined)
      throw new Refusal(401, 'unauthorized', 'This token is not known.', 'Sign in again.');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const method = request.method ?? 'GET';
    const path = url.pathname.slice('/api/v1/'.length).split('/').map(decodeURIComponent);
    this.requests.push({ method, path: path.join('/'), body, role });
    const [, , asked] = path;
    if (method !== 'GET' && role === 'viewer' && asked !== 'describe') {
      throw new Refusal(403, 'forbidden', 'A viewer may not change anything.', 'Use an operator token.');
    }
    const [kind, id, sub, camera] = path;
    if (kind === 'devices' && sub === 'frames' && camera !== undefined) return this.#frame(response);
    if (kind === 'devices' && sub === 'clips' && camera !== undefined) {
      response.writeHead(200, { 'content-type': 'video/mp4' });
      response.end(this.clips?.mp4);
      return;
    }
    if (kind === 'devices' && sub === 'bundle') {
      response.writeHead(200, { 'content-type': 'application/gzip' });
      response.end(Buffer.from('bundle'));
      return;
    }
    if (kind === 'stream') return this.#stream(response);
    if (kind === 'devices' && sub === 'cameras' && method === 'GET')
      return this.#preview(id ?? '', camera ?? '', url, response);
    this.#answer(response, this.#result(method, kind ?? '', id, sub, url.searchParams, body, role));
  }

  #result(
    method: string,
    kind: string,
    id: string | undefined,
    sub: string | undefined,
    query: URLSearchParams,
    body: unknown,
    role: Role,
  ): unknown {
    const now = Date.now();
    if (kind === 'me') return { tokenId: `${role}-id`, name: `${role} of the test`, role };
    if (kind === 'sessions') return { sessions: [] };
    if (kind === 'labels') return { devices: [] };
    if (kind === 'approval-rules') return { rules: [] };
    if (kind === 'models') return { models: fakeModels };
    if (kind === 'events') return this.#events(query);
    if (kind === 'drift') return this.drift.fleet(query);
    if (kind === 'alerts') return this.#alerts(method, id, sub, query, body as AlertOrder);
    if (kind === 'rollouts') return { rollouts: [], total: 0 };
    if (kind === 'alert-rules') return this.#rules(method, id, sub, body as AlertRuleDraft);
    if (kind === 'targets') return this.#targets(body as TargetRequest);
    if (kind === 'groups') return this.#groups(method, id, body as DesiredSettings);
    if (kind === 'audit') {
      return id === 'check' ? { intact: true, entries: this.#audit.length } : { entries: this.#audit };
    }
    if (kind === 'tokens') return this.#tokenAnswer(method, id, body as TokenInfo);
    if (kind === 'devices' && id === undefined) return this.#devices(query);
    const detail = this.fleet.detail(id ?? '', now);
    if (kind !== 'devices' || detail === undefined || id === undefined) {
      throw new Refusal(404, 'unknown-device', `There is no device ${id}.`, 'Choose one of the list.');
    }
    if (sub === 'metrics') {
      const to = Number(query.get('to') ?? now);
      const from = Number(query.get('from') ?? to - 3_600_000);
      if (query.get('name')?.startsWith('goshawk_drift') === true)
        return this.drift.history(query.get('name') ?? '', from, to, Number(query.get('step') ?? 15_000));
      if (this.withoutHistory.has(id))
        return { tier: 'raw', fromMs: from, toMs: to, stepMs: 1000, series: [] };
      return this.fleet.history(query.get('name') ?? '', from, to, Number(query.get('step') ?? 15_000));
    }
    if (sub === 'describe') return fakeDescription;
    if (sub === 'logs') return this.#logs(query);
    if (sub === 'camera-trials') return { ...fakeTrial, trial: '0'.repeat(16) };
    if (sub === 'cameras') return { restarts: true };
    if (sub === 'restart' || sub === 'reboot') return undefined;
    if (sub === 'clips' && method === 'POST')
      return { id: '9-0', fromMs: now - 5_000, untilMs: now + 10_000 };
    if (sub === 'clips') return this.#clips(query);
    if (sub === 'frames') return { frames: [], more: false, total: { count: 0, bytes: 0 } };
    if (sub === 'frame-reviews') return { device: id, reviews: {} };
    if (sub === 'drift') return this.drift.device(id);
    if (sub === 'events') return this.#events(query, id);
    if (sub === 'desired') return this.#desire(id, body as DesiredSettings, role);
    return this.clips === undefined ? detail : keepingClips(detail);
  }

  /** A line more for each who asks. */
  #logs(query: URLSearchParams): unknown {
    const after = Number(query.get('after') ?? 0);
    const level = after === 0 ? 'info' : 'warn';
    const line = { number: after + 1, timeMs: Date.now(), level, message: `Line ${after + 1}` };
    return { lines: [line], next: after + 1, more: false, lost: 0 };
  }

  #clips(query: URLSearchParams): unknown {
    const list = this.clips?.list ?? [];
    const after = query.get('after');
    const first = after === null ? 0 : list.findIndex(({ id }) => id === after) + 1;
    const end = first + Number(query.get('limit') ?? 100);
    const bytes = list.reduce((sum, clip) => sum + clip.bytes, 0);
    return { clips: list.slice(first, end), more: end < list.length, total: { count: list.length, bytes } };
  }

  #alerts(
    method: string,
    id: string | undefined,
    action: string | undefined,
    query: URLSearchParams,
    order: AlertOrder,
  ): unknown {
    if (method === 'POST' && id !== undefined) {
      if (action === 'acknowledge') return this.drift.acknowledge(id);
      const by = 'operator of the test (t1)';
      const untilMs = Date.now() + (order.minutes ?? 0) * 60_000;
      return this.drift.annotate(
        id,
        action === 'silence'
          ? { silence: { untilMs, by, ...(order.reason === undefined ? {} : { reason: order.reason }) } }
          : { assigned: { to: order.to ?? '', by, timeMs: Date.now() } },
      );
    }
    const state = query.get('state');
    return { alerts: this.drift.alerts.filter((alert) => state === null || alert.state === state) };
  }

  #rules(method: string, id: string | undefined, sub: string | undefined, body: AlertRuleDraft): unknown {
    if (sub === 'test') return { delivered: false, error: 'hooks.example answered 404.' };
    if (method === 'POST' || method === 'PUT') return this.drift.saveRule(id, body);
    if (method === 'DELETE')
      this.drift.rules.splice(
        this.drift.rules.findIndex((rule) => rule.id === id),
        1,
      );
    return { rules: this.drift.rules };
  }

  async #frame(response: ServerResponse): Promise<void> {
    const { jpeg } = await drawPreview(Date.now(), { name: 'street', version: '1' });
    response.writeHead(200, { 'content-type': 'image/jpeg' });
    response.end(Buffer.from(jpeg, 'base64'));
  }

  #devices(query: URLSearchParams): unknown {
    const limit = Number(query.get('limit') ?? 100);
    const [search, health] = [query.get('search'), query.get('health')];
    const all = [...this.fleet.devices.values()]
      .filter(({ id }) => search === null || id.includes(search))
      .filter((device) => health === null || device.health.state === health)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const after = query.get('after');
    const rest = after === null ? all : all.filter((device) => device.id > after);
    const page = rest.slice(0, limit);
    return { devices: page, total: all.length, ...(rest.length > limit ? { next: page.at(-1)?.id } : {}) };
  }

  #events(query: URLSearchParams, device?: string): unknown {
    const order = ['info', 'warning', 'error', 'critical'];
    const least = order.indexOf(query.get('severity') ?? 'info');
    const kind = query.get('kind') ?? '';
    const [from, to] = [query.get('from') ?? 0, query.get('to') ?? Number.POSITIVE_INFINITY].map(Number);
    const events = this.fleet.events.filter(
      (event) =>
        order.indexOf(event.severity) >= least &&
        event.kind.startsWith(kind) &&
        event.timeMs >= from! &&
        event.timeMs < to! &&
        (device === undefined || event.device === device),
    );
    return { events: events.slice(0, Number(query.get('limit') ?? 100)) };
  }

  #targets({ target }: TargetRequest): TargetAnswer {
    const devices = [...this.fleet.devices.values()]
      .filter(
        ({ id, groups }) =>
          target.all === true ||
          target.devices?.includes(id) === true ||
          target.groups?.some((group) => groups.includes(group)) === true,
      )
      .map(({ id, online }) => ({ id, online }));
    return { devices, unknown: [] };
  }

  #groups(method: string, name: string | undefined, body: DesiredSettings): unknown {
    const members = new Map<string, string[]>();
    for (const device of this.fleet.devices.values()) {
      for (const group of device.groups) members.set(group, [...(members.get(group) ?? []), device.id]);
    }
    const concerned = members.get(name ?? '') ?? [];
    if (method === 'PUT')
      return {
        generations: Object.assign(
          {},
          ...concerned.map((id) => this.#desire(id, body, 'operator').generations),
        ),
      };
    const groups: Group[] = [...members].map(([group, ids]) => ({ name: group, members: ids, settings: {} }));
    return { groups };
  }

  #desire(id: string, wanted: DesiredSettings, role: Role): { generations: Record<string, number> } {
    const steps = this.fleet.deploy(id, wanted, Date.now);
    const step = (): void => {
      const { holdsAt } = this;
      if (holdsAt !== undefined && this.fleet.devices.get(id)?.slots.main?.deployment.state === holdsAt)
        return;
      const next = steps.next();
      if (!next.done) this.send('device', next.value);
      else clearInterval(timer);
    };
    const timer = this.#every(600, step);
    step();
    this.#audit.unshift({
      seq: this.#audit.length + 1,
      timeMs: Date.now(),
      actor: `${role} of the test`,
      action: 'device.desired',
      target: id,
      result: 'ok',
      detail: JSON.stringify(wanted),
      hash: '5f'.repeat(32),
    });
    return { generations: { [id]: this.fleet.devices.get(id)?.desiredGeneration ?? 0 } };
  }

  #tokenAnswer(method: string, id: string | undefined, body: TokenInfo): unknown {
    if (method === 'POST') {
      const made = {
        ...body,
        id: `t${this.#tokens.length}`,
        createdMs: Date.now(),
        createdBy: 'admin of the test',
      };
      this.#tokens.push(made);
      return { ...made, token: 'ghk_fake_0123456789abcdef' };
    }
    if (method === 'DELETE')
      this.#tokens.splice(
        this.#tokens.findIndex((one) => one.id === id),
        1,
      );
    return { tokens: this.#tokens };
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`: hello\n\nevent: fleet\ndata: ${JSON.stringify(this.#summary())}\n\n`);
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  #preview(id: string, camera: string, url: URL, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const device = this.fleet.devices.get(id);
    if (!device?.online || !device.cameras.includes(camera)) {
      const fault = {
        code: 'camera-away',
        message: `Camera ${camera} gives no pictures.`,
        remedy: 'Check its cable.',
      };
      response.end(`event: preview-fault\ndata: ${JSON.stringify(fault)}\n\n`);
      return;
    }
    const fps = Number(url.searchParams.get('maxFps') ?? 5);
    const timer = this.#every(1000 / fps, async () => {
      const current = this.fleet.devices.get(id)?.slots.main?.loaded ?? { name: 'none', version: '0' };
      const frame = await drawPreview(Date.now(), current);
      response.write(`event: frame\ndata: ${JSON.stringify(frame)}\n\n`);
    });
    response.on('close', () => clearInterval(timer));
  }
}

function keepingClips(detail: DeviceDetail): DeviceDetail {
  const cameras = detail.reported?.cameras ?? {};
  const front = { ...cameras.front, clips: true as const };
  return { ...detail, reported: { ...detail.reported!, cameras: { ...cameras, front } } };
}
