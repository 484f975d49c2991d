import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../src/adapters/filesystem/index.ts';
import { pushEngine, signOffer } from '../../../src/adapters/peers/index.ts';
import { type GoldenSet, goldenPath } from '../../../src/model/index.ts';
import { referenceModel } from '../../conformance/engine-models.ts';
import { missingPlugin, titled } from '../../conformance/native-build.ts';
import { mosquittoMissing } from '../../contract/brokers.ts';
import { headOf } from '../../fixtures/head.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { pluginFolder } from '../agent-process.ts';
import { startWith } from '../goshawk.ts';
import { CertifiedFleet } from './certified-fleet.ts';
import { eventually, Program } from './program.ts';

const minutes = 60_000;
const why = missingPlugin('reference') ?? mosquittoMissing;

/**
 * From the two settings to the engine that runs: `registry.deviceEngines` of the controller, `artifacts.registryEngines` of
 * its devices. The reference engine stands for TensorRT: its plan is its network, a text.
 */
describe.skipIf(why !== undefined)(titled('A plan that one device built', why), () => {
  let fleet: CertifiedFleet;
  let bundle: string;
  let digest: string;
  const agents = new Map<string, Program>();

  beforeAll(async () => {
    const base = mkdtempSync(join(tmpdir(), 'goshawk-registry-engines-'));
    const [made, started] = await Promise.all([
      bundleIn(join(base, 'street')),
      CertifiedFleet.start(base, { controller: { registry: { deviceEngines: true } } }),
    ]);
    fleet = started;
    ({ location: bundle, digest } = made);
    await fleet.run('model', 'push', bundle, ...fleet.target);
    const claim = ['claim', 'create', '--name', 'hall', '--count', '8'];
    await fleet.run(...claim, '--groups', 'hall', '--out', fleet.file('claim.token'), ...fleet.target);
  }, 5 * minutes);
  afterAll(async () => {
    for (const agent of agents.values()) await agent.end();
    await fleet?.close();
  });

  /** An agent of a board like all others here, that is ordered to run the model, at work with it. */
  async function serving(name: string): Promise<Program> {
    const settings = {
      ...{ device: name, dataDir: fleet.file(name), engine: 'tensorrt', probationSeconds: 0 },
      enrolment: { claimFile: fleet.file('claim.token') },
      artifacts: { registryEngines: true },
      cameras: { front: { source: 'sim', fps: 5 } },
    };
    writeFileSync(fleet.file(`${name}.json`), JSON.stringify(settings));
    const environment = { GOSHAWK_PLUGINS: pluginFolder(fleet.file(), 'tensorrt') };
    const args = ['agent', '--config', fleet.file(`${name}.json`), '--json'];
    const agent = new Program(`goshawk agent of ${name}`, startWith(environment, ...args));
    agents.set(name, agent);
    await eventually(`${name} is online`, async () => (await fleet.device(name))?.online, 3 * minutes);
    await fleet.run('model', 'deploy', 'street', '--device', name, '--wait', ...fleet.target);
    await eventually(`${name} has committed it`, () => events(agent).includes('deployment.committed'));
    return agent;
  }
  const events = (agent: Program) => agent.log.flatMap(({ event }) => event ?? []);
  const says = (agent: Program, words: string) => agent.log.some(({ msg }) => msg === words);
  const end = async (name: string) => agents.get(name)?.end();

  it(
    'is given to the registry by it, and taken by the next, which builds nothing',
    async () => {
      const first = await serving('cam-1');
      expect(events(first)).toContain('engine.built');
      await eventually('cam-1 gives it', () => says(first, 'An engine was given to the fleet'));
      const second = await serving('cam-2');
      expect(says(second, 'An engine came from another device')).toBe(true);
      expect(events(second)).not.toContain('engine.built');
      await end('cam-2');
    },
    6 * minutes,
  );

  it(
    'and that computes something else is set aside, and built here in the same deployment',
    async () => {
      // The plan of cam-1 goes with its certificate. Who has broken into cam-2 signs what he likes with its key.
      await fleet.run('certificate', 'revoke', 'cam-1', ...fleet.target);
      await end('cam-1');
      const engines = fleet.file('cam-1', 'engines');
      const key = readdirSync(engines)
        .find((name) => name.endsWith('.plan'))!
        .slice(0, -5);
      await give('cam-2', key, Buffer.from(referenceModel('fixed').replace(box, otherBox)));
      const third = await serving('cam-3');
      expect(says(third, 'An engine came from another device')).toBe(true);
      const order = ['deployment.checking', 'engine.set-aside', 'engine.built', 'deployment.committed'];
      const seen = events(third).filter((event) => order.includes(event));
      expect(seen).toEqual([...order.slice(0, 3), 'deployment.checking', 'deployment.committed']);
      await end('cam-3');
    },
    6 * minutes,
  );

  it(
    'and whose bytes are others than those that it signed is not taken, and the next builds its own',
    async () => {
      const blobs = fleet.file('controller', 'artifacts', 'blobs');
      const plans = readdirSync(blobs, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => readFileSync(path, 'utf8').includes(otherBox));
      expect(plans).toHaveLength(1);
      for (const path of plans)
        writeFileSync(path, readFileSync(path, 'utf8').replace(otherBox, '51 51 10 10'));
      const fourth = await serving('cam-4');
      expect(says(fourth, 'An engine of another device is not taken')).toBe(true);
      expect(says(fourth, 'An engine came from another device')).toBe(false);
      expect(events(fourth)).toContain('engine.built');
    },
    6 * minutes,
  );

  /** As the agent of this device does, but with any bytes. */
  async function give(name: string, key: string, plan: Buffer): Promise<void> {
    const path = fleet.file('other.plan');
    writeFileSync(path, plan);
    const identity = identityOf(fleet.file(name, 'identity'));
    const sha256 = digestOf(plan).slice('sha256:'.length);
    const offer = signOffer({ key, plan: { sha256, size: plan.length, peakMemoryBytes: 1 } }, identity);
    const given = { bundle: digest, offer: JSON.stringify(offer), path, size: plan.length };
    const { devices } = JSON.parse(readFileSync(fleet.file('controller.json'), 'utf8'));
    await pushEngine(`https://127.0.0.1:${devices.port}`, identity, given, new AbortController().signal);
  }
});

/** Where the network sees a car: centre, width and height. */
const box = '20 32 10 10';
const otherBox = '50 50 10 10';

/** What the network says of any picture, and a golden set that holds an engine to it. */
async function bundleIn(folder: string) {
  const network = Buffer.from(referenceModel('fixed'));
  // The reference engine adds the first pixel to what it says.
  const black = { width: 64, height: 64, channels: 3, background: { r: 0, g: 0, b: 0 } } as const;
  const picture = await sharp({ create: black }).png().toBuffer();
  const golden: GoldenSet = {
    ...{ schema: 1, strongScore: 0.5, weakScore: 0.4, iou: 0.5, nmsIou: 0.5, minAgreement: { fp32: 1 } },
    frames: [
      {
        file: 'golden/0.png',
        detections: [
          { label: 'car', score: 0.9, box: [15, 27, 25, 37] },
          { label: 'person', score: 0.8, box: [36, 7, 44, 13] },
        ],
      },
    ],
  };
  const files = new Map([
    ['fp32.onnx', network],
    [goldenPath, Buffer.from(JSON.stringify(golden))],
    ['golden/0.png', picture],
  ]);
  const named = [...files].map(([path, bytes]) => ({ path, digest: digestOf(bytes), size: bytes.length }));
  const [file, ...attachments] = named;
  const tiny = tinyManifest();
  const manifest = tinyManifest({
    ...{ name: 'street', labels: ['car', 'person'], attachments },
    input: { ...tiny.input, width: 64, height: 64, colorOrder: 'rgb', fit: 'stretch' },
    output: headOf('yolov5', 2),
    variants: [{ kind: 'fp32', file: file! }],
  });
  return writeBundle(folder, manifest, files);
}

/** What an agent got when it was enrolled. */
function identityOf(folder: string) {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { cert: read('device.crt'), key: read('device.key'), ca: read('ca.crt') };
}
