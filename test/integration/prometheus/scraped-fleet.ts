import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../contract/brokers.ts';
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

  private constructor(fleet: TestFleet, agentPort: number) {
    this.fleet = fleet;
    this.agentPort = agentPort;
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
    // A street with objects, and what else makes metrics without another machine.
    const settings = {
      prometheus: { port },
      model: join(projectRoot, 'models/street'),
      cameras: {
        front: {
          ...{ source: 'sim', fps: 10, targetFps: 10 },
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
    return new ScrapedFleet(fleet, port);
  }

  async agent(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.agentPort}/metrics`)).text();
  }

  async controller(): Promise<string> {
    const headers = { authorization: `Bearer ${this.fleet.adminToken}` };
    return (await fetch(`${this.fleet.url}/metrics`, { headers })).text();
  }

  close(): Promise<void> {
    return this.fleet.close();
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
