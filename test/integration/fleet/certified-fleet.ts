import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePort } from '../../contract/brokers.ts';
import { inOrder } from '../../contract/several-servers.ts';
import type { softToken } from '../../fixtures/soft-token.ts';
import { tokenNode } from '../../fixtures/soft-token.ts';
import { ended, jsonLines, start, startOn } from '../goshawk.ts';
import { eventually, Program } from './program.ts';
import { RabbitmqProcess } from './rabbitmq-process.ts';

export interface CertifiedFleetOptions {
  /** Where keys are in a token. */
  readonly held?: ReturnType<typeof softToken> | undefined;
  /** More settings of the controller. */
  readonly controller?: object;
  /** Mosquitto where it is absent. */
  readonly rabbitmq?: { readonly devices: readonly string[] };
  /** Accounts at the broker that are no devices. */
  readonly brokerClients?: readonly { readonly name: string; readonly ingest?: boolean }[];
  /** A device that tries an address of the broker first where nothing listens: controller and devices have two. */
  readonly awayFirstFor?: string;
}

/**
 * A fleet from nothing, as docs/enrolment.md says it: an authority of its own, a broker that knows devices by it, and a
 * controller with a listener for devices.
 */
export class CertifiedFleet {
  readonly #base: string;
  readonly #options: CertifiedFleetOptions;
  #target: readonly string[] = [];
  #controller: Program | undefined;
  #broker: Program | undefined;
  rabbitmq: RabbitmqProcess | undefined;
  #watcher: NodeJS.Timeout | undefined;

  private constructor(base: string, options: CertifiedFleetOptions) {
    this.#base = base;
    this.#options = options;
  }

  static async start(base: string, options: CertifiedFleetOptions = {}): Promise<CertifiedFleet> {
    const fleet = new CertifiedFleet(base, options);
    await fleet.#start();
    return fleet;
  }

  file(...names: string[]): string {
    return join(this.#base, ...names);
  }

  /** Arguments that name the controller. */
  get target(): readonly string[] {
    return this.#target;
  }

  /** Runs to its end and gives the first line. */
  async run(...args: string[]): Promise<Record<string, unknown>> {
    const ran = await ended(this.#begin(...args, '--json'));
    if (ran.code !== 0)
      throw new Error(`goshawk ${args.join(' ')}: ${ran.stderr} ${ran.stdout.slice(-2000)}`);
    return jsonLines(ran.stdout)[0] ?? {};
  }

  program(...args: string[]): Program {
    return new Program(`goshawk ${args.join(' ')}`, this.#begin(...args, '--json'));
  }

  async device(name: string): Promise<{ id: string; online: boolean; groups: string[] } | undefined> {
    const answer = await this.run('device', 'list', ...this.#target);
    return (answer.devices as { id: string; online: boolean; groups: string[] }[]).find(
      ({ id }) => id === name,
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#watcher);
    await this.#controller?.end();
    await this.#broker?.end();
    await this.rabbitmq?.end();
    rmSync(this.#base, { recursive: true, force: true });
  }

  #begin(...args: string[]) {
    const { held } = this.#options;
    return held === undefined ? start(...args) : startOn(tokenNode ?? '', held.environment, ...args);
  }

  async #start(): Promise<void> {
    const [brokerPort, devicesPort] = [await freePort(), await freePort()];
    const ca = this.file('controller', 'ca');
    const kept = this.#options.held?.token;
    await this.run(
      ...['controller', 'ca', 'init', '--dir', ca, '--root-out', this.file('safe')],
      ...(kept === undefined ? [] : ['--pkcs11-module', kept.module, '--pkcs11-token', kept.label]),
      ...(kept === undefined ? [] : ['--pkcs11-pin-file', kept.pinFile]),
    );
    const issue = ['controller', 'ca', 'issue', '--dir', ca, '--out', this.file('broker')];
    await this.run(...issue, '--as', 'server', '--name', '127.0.0.1');
    await this.run(...issue, '--as', 'client', '--name', 'controller');
    copyFileSync(join(ca, 'root.crt'), this.file('broker', 'ca.crt'));
    const settings = {
      dataDir: this.file('controller'),
      broker: {
        ...(await this.#addresses(brokerPort)),
        caFile: this.file('broker', 'ca.crt'),
        certFile: this.file('broker', 'controller.crt'),
        keyFile: this.file('broker', 'controller.key'),
      },
      http: { port: 0 },
      devices: {
        ...{ names: ['127.0.0.1'], host: '127.0.0.1', port: devicesPort },
        brokerClients: this.#options.brokerClients ?? [],
      },
      ...this.#options.controller,
    };
    writeFileSync(this.file('controller.json'), JSON.stringify(settings));
    const { rabbitmq } = this.#options;
    const kind = rabbitmq === undefined ? 'mosquitto' : 'rabbitmq';
    await this.run(
      ...['broker', 'config', '--for', kind, '--config', this.file('controller.json')],
      ...['--folder', this.file('broker'), '--out', this.file('broker')],
    );
    if (rabbitmq === undefined) await this.#startMosquitto(brokerPort);
    else this.rabbitmq = await RabbitmqProcess.start(this.file('broker'), brokerPort, rabbitmq.devices);
    await this.startController();
  }

  async startController(): Promise<void> {
    this.#controller = this.program('controller', '--config', this.file('controller.json'));
    const started = await this.#controller.line('started');
    const token = readFileSync(this.file('controller', 'admin.token'), 'utf8').trim();
    this.#target = ['--url', String(started.url), '--token', token];
  }

  async endController(): Promise<void> {
    await this.#controller?.end();
  }

  async #addresses(port: number) {
    const { awayFirstFor } = this.#options;
    const url = `mqtts://127.0.0.1:${port}`;
    if (awayFirstFor === undefined) return { url };
    const [away, here] = inOrder(awayFirstFor, [`mqtts://127.0.0.1:${await freePort()}`, url]);
    return { url: here, servers: [away] };
  }

  /** With the settings that Goshawk prints; only what belongs to this machine is changed. */
  async #startMosquitto(port: number): Promise<void> {
    const conf = this.file('broker', 'goshawk.conf');
    const ours = readFileSync(conf, 'utf8')
      .replace(`listener ${port}`, `listener ${port} 127.0.0.1`)
      .replace(/^persistence.*$/gm, '');
    writeFileSync(conf, process.getuid?.() === 0 ? `user root\n${ours}` : ours);
    const source = this.file('controller', 'ca', 'devices.crl');
    copyFileSync(source, this.file('broker', 'devices.crl'));
    const broker = Program.other('mosquitto', ['-c', conf]);
    this.#broker = broker;
    await eventually('Mosquitto listens', async () => !broker.alive || (await answers(port)));
    if (!broker.alive) throw new Error(`Mosquitto ended: ${broker.stderr}`);
    // What goshawk-revocations.path and .service do under systemd.
    let seen = statSync(source).mtimeMs;
    this.#watcher = setInterval(() => {
      const { mtimeMs } = statSync(source);
      if (mtimeMs === seen) return;
      seen = mtimeMs;
      copyFileSync(source, this.file('broker', 'devices.crl'));
      broker.signal('SIGHUP');
    }, 200);
  }
}
