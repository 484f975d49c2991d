import { spawn } from 'node:child_process';
import type { Bundle } from '../../src/model/index.ts';
import { brokerKinds } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { bundleIn } from '../integration/fleet/models.ts';
import { eventually, type Program } from '../integration/fleet/program.ts';
import { ended, goshawkCommand, projectRoot } from '../integration/goshawk.ts';

/** The text around the commands, and what happens between them. */
type Part =
  | { readonly say: string }
  | { readonly run: string }
  | { readonly meanwhile: (session: Session) => Promise<void> };

const parts: readonly Part[] = [
  {
    say: `# Operate a fleet

Follow this session to order models at the command line. You order a model for a group of two devices, see it fail,
retry it, pin one device, and order a model for a device that is offline.

First log in with the token of an operator: run \`goshawk login\`, or set \`GOSHAWK_URL\` and \`GOSHAWK_TOKEN\`.

With \`--wait\`, each step of a device is also printed to standard error; this page leaves that out. The rest is real
output with other digests, times and paths: \`npx vitest run test/docs/operating.test.ts\` runs the session against a
controller and two agents, and fails if this page differs (\`-u\` updates it).

## Order a model

Push the bundle to the controller once, and order it by its name:`,
  },
  { run: 'model push tiny-2.0.0/' },
  { run: 'model deploy tiny@2.0.0 --group yard --wait' },
  {
    say: `Without \`--wait\` the command only sends the order. With it, the command ends when every device has a result, or after
\`--timeout\` (five minutes). The exit status is 0 only if all devices run the model. A group that the
fleet does not know is refused, unless you make it with \`--new-group\`: its devices are still to come, so with
\`--wait\` the exit status is 1.

## When an order fails

The file of this bundle is not a network. No device can load it, so the previous model keeps serving:`,
  },
  { run: 'model push tiny-3.0.0/' },
  { run: 'model deploy tiny@3.0.0 --group yard --wait' },
  {
    say: `A device does not retry a failed model automatically, neither after a restart nor when other settings change. Fix the
cause, then order the same model again for a device or a group with \`retry\`. Here the cause remains:`,
  },
  { run: 'model retry --group yard --wait' },
  { say: `To roll back, order the previous version. The devices still run it, so the command ends at once:` },
  { run: 'model deploy tiny@2.0.0 --group yard --wait' },
  {
    say: `## Pin one device

Settings of a device win over those of its groups, so you can pin it to another version:`,
  },
  { run: 'model push tiny-1.0.0/' },
  { run: 'model deploy tiny@1.0.0 --device cam-2 --wait' },
  { run: 'model deploy tiny@2.0.0 --group yard --wait' },
  {
    say: `\`undeploy\` removes the model from the settings of the device, which then follows its groups again:`,
  },
  { run: 'model undeploy --device cam-2' },
  { meanwhile: (session) => session.runs('cam-2', '2.0.0') },
  { run: 'model deploy tiny@2.0.0 --group yard --wait' },
  {
    say: `## When a device is offline

The broker keeps the order for an offline device. \`--expires\` limits how long the order may start. Here \`cam-2\` is off,
and comes back only after that time:`,
  },
  { meanwhile: (session) => session.stop('cam-2') },
  { run: 'model deploy tiny@1.0.0 --group yard --expires 40s --wait --timeout 30s' },
  { meanwhile: (session) => session.afterExpiry() },
  { run: 'event list --device cam-2 --kind desired.expired --limit 1 -o wide' },
  { say: `\`retry\` orders the model again without that limit:` },
  { run: 'model retry --device cam-2 --wait' },
];

/** A controller and two agents, each a separate process; their commands, as a person types them. */
export class Session {
  readonly #fleet: TestFleet;
  readonly #bundles: readonly Bundle[];
  readonly #agents = new Map<string, Program>();
  #orderedAtMs = 0;

  private constructor(fleet: TestFleet, bundles: readonly Bundle[]) {
    this.#fleet = fleet;
    this.#bundles = bundles;
  }

  static async open(): Promise<Session> {
    const [aedes] = brokerKinds;
    if (aedes === undefined) throw new Error('There is no broker to test with.');
    const fleet = await TestFleet.open(aedes);
    await fleet.broker.start();
    await fleet.startController();
    const broken = new TextEncoder().encode('this is no network');
    const bundles = [
      fleet.model,
      await bundleIn(fleet.folder, '2.0.0'),
      await bundleIn(fleet.folder, '3.0.0', broken),
    ];
    const session = new Session(fleet, bundles);
    for (const device of ['cam-1', 'cam-2']) await session.#start(device);
    return session;
  }

  close(): Promise<void> {
    return this.#fleet.close();
  }

  /** The page with what every command really prints. */
  async page(): Promise<string> {
    const blocks: string[] = [];
    for (const part of parts) {
      if ('say' in part) blocks.push(part.say);
      else if ('meanwhile' in part) await part.meanwhile(this);
      else blocks.push(await this.#run(part.run));
    }
    return `${blocks.join('\n\n')}\n`;
  }

  async stop(device: string): Promise<void> {
    await this.#agents.get(device)?.end();
    await eventually(`${device} is off`, async () => !(await this.#fleet.device(device)).summary.online);
    this.#orderedAtMs = Date.now();
  }

  async runs(device: string, version: string): Promise<void> {
    await eventually(`${device} runs ${version}`, async () => {
      const { reported } = await this.#fleet.device(device);
      return (
        reported?.slots.main?.deployment.state === 'committed' &&
        reported.slots.main?.loaded?.version === version
      );
    });
  }

  async afterExpiry(): Promise<void> {
    const { desired } = await this.#fleet.device('cam-2');
    const untilMs = (desired?.slots?.main?.expiresAtMs ?? this.#orderedAtMs) + 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, untilMs - Date.now())));
    await this.#start('cam-2');
    await eventually('it says that it was too late', async () =>
      (await this.#fleet.events('cam-2')).some(({ kind }) => kind === 'desired.expired'),
    );
  }

  async #start(device: string): Promise<void> {
    this.#agents.set(device, await this.#fleet.startAgent({ device, groups: ['yard'] }));
    await this.#fleet.online(device);
    await eventually('it reports', async () => (await this.#fleet.device(device)).reported !== undefined);
  }

  async #run(command: string): Promise<string> {
    const typed = command.split(' ').map((word) => {
      const folder = /^tiny-(.+)\/$/.exec(word)?.[1];
      return this.#bundles.find(({ manifest }) => manifest.version === folder)?.location ?? word;
    });
    const child = spawn(process.execPath, [...goshawkCommand, ...typed], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GOSHAWK_URL: this.#fleet.url, GOSHAWK_TOKEN: this.#fleet.adminToken },
    });
    const { code, stdout, stderr } = await ended(child);
    if (code === null || code > 1) throw new Error(`goshawk ${command}: ${code} ${stderr}`);
    const status = code === 0 ? '' : `\nexit status ${code}`;
    return `\`\`\`text\n$ goshawk ${command}\n${this.#normal(stdout.trimEnd())}${status}\n\`\`\``;
  }

  /** What differs from one run to the next is replaced; widths of columns stay. */
  #normal(text: string): string {
    let normal = text.replaceAll(this.#fleet.folder, '/var/lib/goshawk');
    for (const [index, { digest }] of this.#bundles.entries())
      normal = normal.replaceAll(digest, `sha256:${String(index + 1).repeat(64)}`);
    return normal
      .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '2026-05-04T09:30:00Z')
      .replace(/127\.0\.0\.1:\d+/g, 'fleet.example')
      .replace(/[\d.]+ k?B sent, [\d.]+ k?B/g, '2.44 kB sent, 0 B')
      .replace(/\bgeneration \d+/gi, (found) => found.replace(/\d+/, '7'));
  }
}
