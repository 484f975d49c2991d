import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import sharp from 'sharp';
import { freePort } from '../../contract/brokers.ts';
import { HttpCamera } from '../../fixtures/cameras/http-camera.ts';
import { brokerKinds } from '../fleet/brokers.ts';
import { TestFleet } from '../fleet/fleet.ts';
import { eventually } from '../fleet/program.ts';
import { projectRoot } from '../goshawk.ts';

/** Why a program of Debian can't be had here. */
export function missing(program: string, pack: string): string | undefined {
  return spawnSync(program, ['--version']).error === undefined ? undefined : `${pack} is not installed`;
}

export const promtoolMissing = missing('promtool', 'prometheus');

/** A controller and an agent as programs, both read as Prometheus reads them. */
export class ScrapedFleet {
  readonly fleet: TestFleet;
  readonly agentPort: number;
  readonly #watching = new AbortController();
  readonly #camera: SendingCamera;

  private constructor(fleet: TestFleet, agentPort: number, camera: SendingCamera) {
    this.fleet = fleet;
    this.agentPort = agentPort;
    this.#camera = camera;
  }

  static async open(): Promise<ScrapedFleet> {
    const kind = brokerKinds.find(({ missing }) => missing === undefined);
    if (kind === undefined) throw new Error('There is no broker here.');
    const fleet = await TestFleet.open(kind);
    await fleet.broker.start();
    await fleet.startController();
    const port = await freePort();
    const whole = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    const across = [
      [0.5, 0],
      [0.5, 1],
    ];
    const camera = await SendingCamera.open();
    const model = join(projectRoot, 'models/street');
    // A street with objects, a camera of the network with clips, and what else makes metrics without another machine.
    const settings = {
      ...{ prometheus: { port }, model, budget: { bytesPerDay: 1_000_000_000 } },
      cameras: {
        yard: { source: camera.url, clips: { ring: 'disk' }, privacy: { clips: 'plain' } },
        front: {
          ...{ source: 'sim', fps: 10, targetFps: 10, maxLatencyMs: 500 },
          settings: {
            rules: { zones: { all: { points: whole } }, lines: { middle: { points: across } } },
          },
        },
      },
      streams: { fleet: { fleet: true, rate: 1 } },
      ladder: { steps: [{ step: 'pace' }] },
    };
    await fleet.startAgent({ device: 'cam-1', groups: ['yard'], settings });
    await eventually('it reports', async () => ((await fleet.device('cam-1')).summary.fps ?? 0) > 0);
    const scraped = new ScrapedFleet(fleet, port, camera);
    await scraped.#watch();
    // A model beside the one that serves, and a clip.
    await fleet.push(model);
    await fleet.command(
      'model',
      'deploy',
      'street',
      '--device',
      'cam-1',
      '--slot',
      'next',
      '--role',
      'shadow',
    );
    await eventually('a clip is recorded', async () => {
      const { code } = await fleet.command('clip', 'record', 'cam-1', '--camera', 'yard', '--after', '1');
      return code === 0;
    });
    return scraped;
  }

  async agent(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.agentPort}/metrics`)).text();
  }

  async controller(): Promise<string> {
    const headers = { authorization: `Bearer ${this.fleet.adminToken}` };
    return (await fetch(`${this.fleet.url}/metrics`, { headers })).text();
  }

  /** As a dashboard does: the stream of the fleet stays open. */
  async #watch(): Promise<void> {
    const headers = { authorization: `Bearer ${this.fleet.adminToken}` };
    const { signal } = this.#watching;
    const { body } = await fetch(`${this.fleet.url}/api/v1/stream`, { headers, signal });
    body?.pipeTo(new WritableStream(), { signal }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#watching.abort();
    await this.fleet.close();
    await this.#camera.close();
  }
}

/** A camera of the network that sends pictures. */
class SendingCamera {
  readonly #camera: HttpCamera;
  readonly #timer: NodeJS.Timeout;

  private constructor(camera: HttpCamera, pictures: readonly Uint8Array[]) {
    this.#camera = camera;
    let sent = 0;
    this.#timer = setInterval(() => camera.picture(pictures[sent++ % pictures.length]!), 200);
  }

  static async open(): Promise<SendingCamera> {
    const [width, height] = [320, 192];
    const pictures = await Promise.all(
      [80, 120, 160].map((grey) =>
        sharp({ create: { width, height, channels: 3, background: { r: grey, g: grey, b: 90 } } })
          .jpeg()
          .toBuffer(),
      ),
    );
    return new SendingCamera(await new HttpCamera().start(), pictures);
  }

  get url(): string {
    return this.#camera.url;
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.#camera.close();
  }
}

/** Names of metrics in a text of Prometheus, with the labels that their series have. */
export function shownIn(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const kinds = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind]) => [name, kind]),
  );
  const found = new Map<string, Set<string>>([...kinds.keys()].map((name) => [name, new Set()]));
  for (const [, series = '', labels = ''] of text.matchAll(/^([a-zA-Z_:]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const name = kinds.has(series) ? series : series.replace(/_(bucket|sum|count)$/, '');
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g))
      if (label !== 'le') found.get(name)?.add(label);
  }
  return found;
}
