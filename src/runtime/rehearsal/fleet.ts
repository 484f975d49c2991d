import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Broker, startBroker } from '../../adapters/aedes/index.ts';
import { signerOf } from '../../adapters/crypto/index.ts';
import { MqttjsTransport } from '../../adapters/mqttjs/index.ts';
import { authorityFiles } from '../../adapters/x509/index.ts';
import { type Clock, type Log, MissingError } from '../../base/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { type RepositoryFile, repositoryFileBytes, type TrustSigner } from '../../trust/index.ts';
import { createSystemToken, systemCaller } from '../controller/first-token.ts';
import { controllerClientId, type RunningController, startController } from '../controller/start.ts';
import type { PushBundle } from '../demo/demo.ts';
import { DeviceRuntime } from '../device/device-runtime.ts';
import { issueCertificate, makeAuthority } from '../enrolment-authority.ts';
import { freePort } from '../free-port.ts';
import { readAgentSettings } from '../settings/agent-file.ts';
import { ControllerSettings } from '../settings/controller.ts';
import { checkSettings } from '../settings/read.ts';
import { makeModel, type RehearsalModel } from './models.ts';
import { StandInOwners } from './owners.ts';

export interface RehearsalOptions {
  /** What the fleet's owners have signed; without it owners of two of three keys. */
  readonly like?: RepositoryFile;
  readonly devices: number;
  readonly push: PushBundle;
  /** How long anything may take. */
  readonly patienceMs?: number;
}

/** Another account of the broker with the controller's rights: whoever steals the key of one may have the other. */
export const thiefId = 'thief';

/**
 * A fleet of this process alone, that nobody else can reach: broker, controller and agents as they are in the field, an
 * authority, and owners whose keys are made for it. It leaves nothing behind.
 */
export class RehearsalFleet {
  readonly ids: string[];
  owners!: StandInOwners;
  folder = '';
  /** Folder of the authority, and of the certificates that it gave broker and controller. */
  authority = '';
  readonly ports: { readonly clock: Clock; readonly log: Log };
  readonly #options: RehearsalOptions;
  #broker: Broker | undefined;
  #brokerPort = 0;
  #controllerPorts: readonly [number, number] = [0, 0];
  #controller: RunningController | undefined;
  readonly #devices = new Map<string, DeviceRuntime>();
  first!: RehearsalModel;
  #versions = 0;

  constructor(options: RehearsalOptions, ports: { readonly clock: Clock; readonly log: Log }) {
    this.#options = options;
    this.ports = ports;
    this.ids = Array.from({ length: options.devices }, (_, at) => `rehearsal-${at + 1}`);
  }

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'goshawk-rehearsal-'));
    this.#controllerPorts = [await freePort(0), await freePort(0)];
    await this.newAuthority();
    await this.startBroker();
    await this.startController();
    this.owners = new StandInOwners(this.onlineKey.key, this.#options.like);
    this.first = await this.release();
    const claim = await this.claim(this.ids.length);
    await this.eachDevice((id) => this.startDevice(id, claim));
    await this.runs(this.first);
  }

  /** Root and intermediate, and what broker and controller show. */
  async newAuthority(): Promise<void> {
    this.authority = await mkdtemp(join(this.folder, 'authority-'));
    const dir = join(this.authority, 'ca');
    await makeAuthority({ dir, rootDir: join(this.authority, 'root'), name: 'rehearsal' });
    const issue = { dir, days: 1, out: this.authority };
    await issueCertificate({ ...issue, as: 'server', names: ['127.0.0.1'], file: 'broker' });
    for (const name of [controllerClientId, thiefId])
      await issueCertificate({ ...issue, as: 'client', names: [name], file: name });
  }

  async startBroker(): Promise<void> {
    const file = (name: string) => readFile(join(this.authority, name));
    this.#broker = await startBroker({
      port: this.#brokerPort,
      controllerNames: [controllerClientId, thiefId],
      tls: { cert: await file('broker.crt'), key: await file('broker.key'), ca: await readFile(this.caFile) },
      isRevoked: (one) => this.#controller?.controller.enrolment.revocations.isRevoked(one) ?? false,
    });
    this.#brokerPort = this.#broker.port;
  }

  async stopBroker(): Promise<void> {
    await this.#broker?.close();
    this.#broker = undefined;
  }

  get caFile(): string {
    return join(this.authority, 'ca', authorityFiles.root);
  }

  get brokerUrl(): string {
    return `mqtts://127.0.0.1:${this.#brokerPort}`;
  }

  get controllerFolder(): string {
    return join(this.folder, 'controller');
  }

  get controller(): FleetController {
    if (this.#controller === undefined) throw new Error('The controller of the rehearsal does not run.');
    return this.#controller.controller;
  }

  /** Where devices fetch metadata. */
  get url(): string {
    return this.#controller?.url ?? '';
  }

  /** What the controller signs with, as a thief reads it. */
  onlineKey!: TrustSigner;

  async startController(): Promise<void> {
    const [port, devicePort] = this.#controllerPorts;
    const settings = checkSettings(
      ControllerSettings,
      {
        dataDir: this.controllerFolder,
        broker: {
          ...{ url: this.brokerUrl, caFile: this.caFile },
          certFile: join(this.authority, `${controllerClientId}.crt`),
          keyFile: join(this.authority, `${controllerClientId}.key`),
        },
        http: { host: '127.0.0.1', port },
        devices: {
          ...{ names: ['127.0.0.1'], host: '127.0.0.1', port: devicePort },
          authorityDir: join(this.authority, 'ca'),
        },
      },
      'rehearsal',
    );
    this.#controller = await startController(settings, this.ports);
    this.onlineKey = signerOf(await readFile(join(this.controllerFolder, 'trust', 'online.key'), 'utf8'));
  }

  async stopController(): Promise<void> {
    await this.#controller?.close();
    this.#controller = undefined;
  }

  /** What `goshawk keys publish` does. */
  async publish(): Promise<void> {
    await this.controller.trust?.publish(systemCaller, repositoryFileBytes(this.owners.file));
  }

  /** A new version, signed by the owners, published and pushed. */
  async release(): Promise<RehearsalModel> {
    this.#versions += 1;
    const model = await makeModel(this.folder, `${this.#versions}.0.0`);
    await this.sign(model);
    const token = await createSystemToken(this.controller, { name: 'rehearsal', role: 'operator' });
    await this.#options.push(model.folder, { url: this.url, token: token.token });
    return model;
  }

  async sign({ name, version, target }: RehearsalModel): Promise<void> {
    this.owners.setTarget(`${name}/${version}`, target);
    await this.publish();
  }

  order({ name, version, digest }: RehearsalModel): Promise<unknown> {
    const settings = { slots: { main: { model: { name, version, digest } } } };
    return this.eachDevice((id) => this.controller.desiredState.setDevice(systemCaller, id, settings));
  }

  /** Every device serves it, as it says now. */
  async runs(model: RehearsalModel): Promise<void> {
    const late = () =>
      this.ids.filter((id) => {
        const device = this.controller.registry.get(id);
        return device?.online !== true || device.reported?.slots.main?.loaded?.digest !== model.digest;
      });
    await this.until(
      () => `every device serves ${model.version} (not yet: ${late().slice(0, 5).join(', ')})`,
      () => late().length === 0,
    );
  }

  /** How long the owners' order takes to be true of the last device. */
  async orderNew(): Promise<void> {
    const model = await this.release();
    await this.order(model);
    await this.runs(model);
  }

  async claim(count: number): Promise<string> {
    const request = { name: 'rehearsal', count, days: 1 };
    return (await this.controller.enrolment.claims.create(systemCaller, request)).claim;
  }

  eachDevice<T>(act: (id: string) => Promise<T>): Promise<T[]> {
    return Promise.all(this.ids.map(act));
  }

  deviceFolder(id: string): string {
    return join(this.folder, id);
  }

  /** Later starts need no claim. `root`: a root that is put on the device by hand. */
  async startDevice(id: string, claim = '', root?: Uint8Array): Promise<void> {
    const claimFile = join(this.folder, `${id}.claim`);
    if (claim !== '') await writeFile(claimFile, `${claim}\n`, { mode: 0o600 });
    const rootFile = join(this.folder, `${id}.root.json`);
    if (root !== undefined) await writeFile(rootFile, root);
    const file = join(this.folder, `${id}.json`);
    await writeFile(
      file,
      JSON.stringify({
        device: id,
        dataDir: this.deviceFolder(id),
        enrolment: { claimFile },
        ...(root === undefined ? {} : { trust: { rootFile } }),
        model: this.first.folder,
        engine: 'onnxruntime-node',
        cameras: { front: { source: 'sim', fps: 1 } },
        metricsEverySeconds: 5,
        probationSeconds: 0,
      }),
    );
    const device = new DeviceRuntime({ ...(await readAgentSettings(file)), device: id }, this.ports);
    this.#devices.set(id, device);
    await device.start();
  }

  async stopDevice(id: string): Promise<void> {
    await this.#devices.get(id)?.close();
    this.#devices.delete(id);
  }

  /** Whoever has a certificate that the broker takes. MissingError where the broker refuses it. */
  async connect(clientId: string, cert: string, key: string): Promise<MqttjsTransport> {
    const ca = await readFile(this.caFile);
    const transport = new MqttjsTransport(
      { url: this.brokerUrl, clientId, tls: { cert, key, ca } },
      { ...this.ports, random: Math.random },
    );
    const answer = new Promise<string | undefined>((resolve) =>
      transport.onStatus((status) => {
        if (status.state !== 'connecting') resolve(status.state === 'online' ? undefined : status.reason);
      }),
    );
    transport.start();
    const reason = await answer;
    if (reason === undefined) return transport;
    await transport.close();
    throw new MissingError(
      'rehearsal-refused',
      `The broker refused ${clientId}: ${reason}`,
      'Report this as a defect of Goshawk, with what the rehearsal printed.',
    );
  }

  copyController(to: string): Promise<void> {
    return cp(this.controllerFolder, to, { recursive: true });
  }

  async until(what: string | (() => string), look: () => boolean | Promise<boolean>): Promise<void> {
    const { patienceMs = 120_000 } = this.#options;
    const endMs = performance.now() + patienceMs;
    while (!(await look())) {
      if (performance.now() > endMs)
        throw new MissingError(
          'rehearsal-late',
          `This did not happen within ${patienceMs / 1000} s: ${typeof what === 'string' ? what : what()}.`,
          'Try again on a machine with less to do; if it fails again, report it as a defect of Goshawk.',
        );
      await delay(50);
    }
  }

  async close(): Promise<void> {
    await this.eachDevice((id) => this.stopDevice(id));
    await this.stopController();
    await this.stopBroker();
    await rm(this.folder, { recursive: true, force: true });
  }
}
