import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fleet/program.ts';
import { projectRoot } from '../goshawk.ts';
import type { Kit } from './kit.ts';
import type { Lab } from './lab.ts';
import { programs } from './programs.ts';
import { activeAlert, firstOf, type PageSetUp } from './set-up.ts';
import { blockOf } from './typed.ts';

const models = join(projectRoot, 'models');
const street = join(models, 'street/street.onnx');

/** The street network as an Ultralytics export: with the names of its classes in the file. */
export function withNames(kit: Kit, file: string): void {
  kit.copy(street, file);
  const names = "{0: 'car', 1: 'truck', 2: 'pedestrian', 3: 'traffic_sign', 4: 'traffic_light'}";
  // `metadata_props`, field 14 of a ModelProto; a message may be appended to.
  const field = (at: number, value: Buffer) =>
    Buffer.concat([Buffer.from([(at << 3) | 2, value.length]), value]);
  const entry = Buffer.concat([field(1, Buffer.from('names')), field(2, Buffer.from(names))]);
  appendFileSync(kit.path(file), field(14, entry));
}

/** Profiles with what they were learned from, as of two laptops and a device. */
async function learnedApart(kit: Kit, lab: Lab): Promise<void> {
  const learn = ['model', 'profile', kit.path('bundle'), '--camera', 'front'];
  for (const [name, video] of [
    ['monday', 'monday'],
    ['tuesday', 'rain'],
    ['front', 'rain'],
  ])
    await lab.goshawk(...learn, '--source', kit.path(`${video}.mp4`), '--out', kit.path(`${name}.json`));
  rmSync(kit.path('bundle', 'profiles'), { recursive: true });
}

/** Of the artifact of a model in the registry of the controller. */
async function artifactDigest(lab: Lab, path: string): Promise<string> {
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const headers = { authorization: `Bearer ${lab.adminToken}`, accept };
  const { headers: answered } = await fetch(`${lab.url}/v2/${path}`, { method: 'HEAD', headers });
  return answered.get('docker-content-digest') ?? '';
}

/** Two devices that wait for a person. */
async function waitingDevices(kit: Kit, lab: Lab): Promise<void> {
  const file = kit.path('manual.token');
  await lab.goshawk('claim', 'create', '--name', 'manual', '--count', '2', '--rule', 'manual', '--out', file);
  for (const device of ['truck-9', 'impostor'])
    lab.agent(device, file, { cameras: { front: { source: 'sim', fps: 1 } } });
  await eventually('two devices wait', async () => {
    const said = await lab.goshawk('enrolment', 'list', '--json');
    return said.includes('truck-9') && said.includes('impostor');
  });
}

/** A change that the rule of the page refuses until a second person approves it; gives its id. */
async function refusedChange(lab: Lab, kit: Kit): Promise<string> {
  const file = kit.path('ben.token');
  if (!existsSync(file)) {
    const said = await lab.goshawk('token', 'create', '--name', 'ben', '--role', 'operator', '--json');
    kit.write('ben.token', /gsk_\w+/.exec(said)?.[0] ?? '');
  }
  const token = { GOSHAWK_URL: lab.url, GOSHAWK_TOKEN: readFileSync(file, 'utf8') };
  // Another change each time: an approval is for one.
  const score = String(0.3 + (Date.now() % 600_000) / 1_000_000);
  const said = await lab.run(
    ['pipeline', 'set', '--device', 'gate-south', '--score-threshold', score],
    token,
  );
  if (said.code === 0) throw new Error('the change was made');
  return firstOf('approval', 'list')(lab);
}

/** Keys of two owners and a safe, and a repository that both signed. */
const owners = {
  environment: (lab: Lab) => lab.owners,
  asked: {
    'goshawk keys create': () => 'correct horse\ncorrect horse',
    'goshawk keys sign': () => 'correct horse',
    'goshawk model sign': () => 'correct horse',
  },
};

async function signedRepository(kit: Kit, lab: Lab, { published = true } = {}): Promise<void> {
  const passphrase = ['--passphrase-file', kit.path('passphrase')];
  const run = async (...args: string[]) => {
    const { code, stderr } = await lab.run(args, lab.owners);
    if (code !== 0) throw new Error(`goshawk ${args.join(' ')}: ${stderr}`);
  };
  kit.write('passphrase', 'correct horse\n');
  for (const owner of ['anna', 'ben', 'safe'])
    await run('keys', 'create', kit.path(`${owner}.key`), ...passphrase);
  if (!published) return;
  const file = kit.path('fleet-trust.json');
  await run('keys', 'online', '--out', kit.path('online.pub'));
  const roots = ['anna', 'ben', 'safe'].flatMap((owner) => ['--root-key', kit.path(`${owner}.key.pub`)]);
  await run('keys', 'init', file, ...roots, '--online-key', kit.path('online.pub'));
  for (const owner of ['anna', 'ben'])
    await run('keys', 'sign', file, '--key', kit.path(`${owner}.key`), ...passphrase);
}

const token = (lab: Lab) => lab.adminToken;
const frames = /"type":"frame"/;
const activeNode = /The node is active/;
const quickStart = (kit: Kit): void => {
  withNames(kit, 'yolo11n.onnx');
  kit.video('street.mp4');
  packagedSettings(kit);
};
/** Settings of the Debian package, as its installation leaves them. */
function packagedSettings(kit: Kit): void {
  const settings = readFileSync(join(projectRoot, 'deploy/package/settings/agent.json'), 'utf8');
  kit.copy(join(models, 'street'), 'usr/lib/goshawk-agent/models/street');
  kit.write(
    'etc/goshawk/agent.json',
    settings.replace('@DEVICE@', 'box-7').replaceAll('"/', `"${kit.folder}/`),
  );
}
const controllerSettings = (kit: Kit): void =>
  kit.write(
    'etc/goshawk/controller.json',
    `{"dataDir": "${kit.path('var/lib/goshawk-controller')}",\n${blockOf('enrolment', '"broker": { "url"')}}`,
  );

/** What a page needs beside its own words. A page that is not here needs nothing. */
export const pages: Readonly<Record<string, PageSetUp>> = {
  ...programs,
  README: { prepare: quickStart, asked: { 'goshawk login': token } },
  'quick-starts': {
    prepare(kit) {
      quickStart(kit);
      kit.bundle('opt/bundle');
      const settings = blockOf('quick-starts', '{ "device"')
        .replaceAll('"/', `"${kit.folder}/`)
        .replace('rtsp://10.0.0.5/stream1', 'sim');
      kit.write('etc/goshawk/agent.json', settings);
    },
    asked: { 'goshawk login': token },
  },
  'model-bundle': {
    prepare(kit) {
      withNames(kit, 'net.onnx');
      kit.pictures('val', { count: 8, seed: 1 });
    },
  },
  decoders: {
    until: { 'goshawk run': frames },
  },
  optimize: {
    prepare(kit) {
      kit.copy(street, 'base.onnx');
      kit.copy(street, 'recovered.onnx');
      kit.copy(join(models, 'street/labels.txt'), 'labels.txt');
      kit.pictures('train', { count: 8, seed: 1 });
      kit.pictures('val', { count: 8, seed: 900001 });
    },
    // Eight pictures can't show that a budget is kept, and the search for float layers would take half an hour.
    instead: {
      '--max-drop 3': '--max-drop 3 --force --search-minutes 0',
      '--prune 0.5': '--prune 0.5 --search-minutes 0',
      '--base base.onnx': '--base base.onnx --force --search-minutes 0',
    },
    before: {
      'goshawk model optimize recovered.onnx': (kit) => rmSync(kit.path('bundle'), { recursive: true }),
    },
    // Which the page tells you to ignore.
    status: { 'goshawk model optimize base.onnx': 1 },
  },
  'model-ci': { ...owners, prepare: signedRepository },
  pipelines: {
    until: { 'goshawk run': frames },
  },
  packages: {
    async prepare(kit, lab) {
      packagedSettings(kit);
      await lab.goshawk('claim', 'create', '--name', 'box', '--out', kit.path('claim.token'));
    },
  },
  jetson: { status: { 'goshawk doctor --ota': 5 } },
  cameras: {
    prepare(kit) {
      kit.bundle('bundle');
      kit.write('camera.txt', 'secret\n');
    },
    instead: {
      '--source rtsp': '--json --source rtsp',
      'streams 10.0.0.5': (lab) => `streams ${lab.onvifAddress}`,
    },
    until: { 'goshawk run': frames },
  },
  slots: {
    async prepare(kit, lab) {
      kit.bundle('plate-1.2.0', { name: 'plate', version: '1.2.0' });
      await bringStreet2(kit, lab);
    },
  },
  zones: { prepare: (kit) => kit.write('rules.json', blockOf('zones', '{')) },
  streams: {
    prepare: (kit) => kit.bundle('bundle'),
    instead: { 'goshawk run': 'goshawk run --json' },
    until: { 'goshawk run': frames },
    // No receiver is there, as the page says.
    status: { 'goshawk run': 1 },
  },
  clips: {
    before: {
      async 'goshawk clip list'(_kit, lab) {
        await lab.goshawk('clip', 'record', 'truck-7', '--camera', 'front', '--before', '2', '--after', '1');
        await eventually('a clip is there', async () =>
          (await lab.goshawk('clip', 'list', 'truck-7', '--json')).includes('"id"'),
        );
      },
    },
    instead: { '00mx3x9nwg-0': firstOf('clip', 'list', 'truck-7') },
  },
  enrolment: {
    prepare(kit) {
      for (const folder of ['media', 'etc/mosquitto', 'var/lib/goshawk-controller'])
        kit.write(`${folder}/.keep`, '');
      controllerSettings(kit);
      packagedSettings(kit);
    },
    before: {
      async 'goshawk enrol --config'(kit, lab) {
        // The page has withdrawn its own.
        rmSync(kit.path('claim.token'));
        await lab.goshawk('claim', 'create', '--name', 'box', '--out', kit.path('claim.token'));
      },
      'goshawk enrolment list': waitingDevices,
      'goshawk certificate revoke': (_kit, lab) =>
        eventually('truck-9 has a certificate', async () =>
          (await lab.goshawk('certificate', 'list', '--device', 'truck-9', '--json')).includes('truck-9'),
        ),
    },
    instead: {
      '--dir ca': '--dir var/lib/goshawk-controller/ca',
      'cp ca': 'cp var/lib/goshawk-controller/ca',
      'withdraw ID': async (lab) => `withdraw ${await firstOf('claim', 'list')(lab)}`,
      'approve ID': async (lab) => `approve ${await waitingId(lab, 'truck-9')}`,
      'reject ID': async (lab) => `reject ${await waitingId(lab, 'impostor')}`,
    },
  },
  dashboard: { prepare: activeAlert, instead: { '1f2e3d4c': firstOf('alert', 'list') } },
  'controller-database': {
    prepare(kit, lab) {
      kit.write('backup/.keep', '');
      kit.copy(lab.ownersSettings, 'etc/goshawk/controller.json');
    },
    // The page stops the controller; here the copy gets a folder of its own.
    before: {
      'goshawk controller restore'(kit) {
        const settings = readFileSync(kit.path('etc/goshawk/controller.json'), 'utf8');
        kit.write('etc/goshawk/controller.json', settings.replace('owners-data', 'owners-restored'));
      },
    },
  },
  brokers: {
    prepare: controllerSettings,
    instead: { 'goshawk broker run': 'goshawk broker run --port 0' },
    until: { 'goshawk broker run': /mqtt:/ },
  },
  rollouts: {
    async prepare(kit, lab) {
      await bringStreet2(kit, lab);
      // Pages before may have set others.
      await lab.goshawk('device', 'label', 'cam-7', '--set', 'site=west,ring=canary');
      kit.write('street-2.yaml', blockOf('rollouts', 'model: { name: street'));
      kit.write('fleet.yaml', blockOf('rollouts', 'labels: { cam-7'));
    },
    before: {
      'goshawk model pin': (_kit, lab) => lab.goshawk('model', 'deploy', 'street@1.9.0', '--device', 'cam-7'),
    },
  },
  experiments: {
    prepare: (kit) => kit.write('street-ab.yaml', blockOf('experiments', 'model: { name: street')),
  },
  approvals: {
    async prepare(_kit, lab) {
      await lab.goshawk('device', 'label', 'gate-south', '--set', 'site=clinic');
    },
    instead: { '1f2e3d4c': refusedChange },
  },
  updates: {
    ...owners,
    async prepare(kit, lab) {
      await signedRepository(kit, lab);
      kit.package('goshawk-agent_0.2.0_arm64.deb', {
        name: 'goshawk-agent',
        version: '0.2.0',
        architecture: 'arm64',
      });
      kit.raucb('card.raucb', 'goshawk-generic-arm64', '0.2.0');
    },
    before: {
      'goshawk release create card.raucb': (kit) => rmSync(kit.path('release'), { recursive: true }),
    },
  },
  'safe-updates': {
    async prepare(kit, lab) {
      writeFileSync(lab.lockFile, 'on the road\n');
      kit.bundle('street-1.5.0', { version: '1.5.0' });
      await lab.goshawk('model', 'push', kit.path('street-1.5.0'));
      await lab.goshawk('model', 'deploy', 'street@1.5.0', '--device', 'cam-7');
      await eventually('cam-7 waits for its robot', async () =>
        (await lab.goshawk('device', 'show', 'cam-7')).includes('on the road'),
      );
    },
  },
  'remote-commands': {
    // That of the demo does not start again.
    instead: { 'restart gate-north': 'restart truck-7' },
    asked: { 'goshawk device restart': () => 'y' },
    until: { 'goshawk device logs gate-north --follow': /./ },
    // That of Ctrl+C.
    status: { 'goshawk device logs gate-north --follow': 130 },
    // The next page adds a camera to it.
    after: back('truck-7'),
  },
  'add-cameras': {
    before: { 'goshawk camera rename': back('truck-7'), 'goshawk camera remove': back('truck-7') },
    instead: { 'rtsp://10.20.0.5/stream1': (lab) => lab.unknownCameraUrl },
    asked: { 'goshawk camera add': () => 'secret\ny', 'goshawk camera remove': () => 'y' },
  },
  profiles: {
    prepare(kit) {
      kit.bundle('bundle');
      for (const day of ['monday', 'rain', 'rear']) kit.video(`${day}.mp4`, { seconds: 1500, rate: 1 });
      withNames(kit, 'best.onnx');
    },
    before: {
      // Learned by the lines before for other times of day, or into the same folder.
      'goshawk model profile bundle/ --camera front --source monday.mp4 --into': (kit) =>
        rmSync(kit.path('with-profile'), { recursive: true }),
      'goshawk model import': (kit) => rmSync(kit.path('bundle'), { recursive: true }),
      'goshawk model profile bundle/ --camera front --merge monday.json': learnedApart,
    },
    // 25 minutes of 24 times of day: too short for a profile, which the page says.
    status: { 'goshawk model profile bundle/ --camera front --source monday.mp4 --starts': 3 },
    // A map of this network.
    instead: { '/model.9/cv2/act/Mul_output_0': '/net/c2/cv3/act/Relu_output_0' },
  },
  'hard-frames': {
    before: {
      'goshawk frame list': (_kit, lab) =>
        eventually('a frame is kept', async () =>
          (await lab.goshawk('frame', 'list', 'gate-north', '--json')).includes('"id"'),
        ),
    },
    instead: { '00mfy2k1p0-0': firstOf('frame', 'list', 'gate-north') },
  },
  people: {
    async prepare(_kit, lab) {
      await lab.goshawk('group', 'add', 'hall-1', 'gate-north');
    },
  },
  registry: {
    prepare: (kit) => kit.bundle('bundle', { version: '1.2.0' }),
    asked: { 'goshawk login': token },
    instead: {
      'goshawk login': (lab) => `goshawk login ${lab.url}`,
      'registry.example/models/street': (lab) => `${new URL(lab.url).host}/street`,
      'registry.site/models/street': (lab) => `${new URL(lab.url).host}/street`,
      'sha256:...': (lab) => artifactDigest(lab, 'street/manifests/1.2.0'),
    },
    before: {
      'goshawk model pull': (kit) => rmSync(kit.path('bundle'), { recursive: true, force: true }),
      'goshawk model load street.oci.tar --out': (kit) =>
        rmSync(kit.path('bundle'), { recursive: true, force: true }),
    },
  },
  downloads: {
    prepare(kit) {
      for (const version of ['1.1.0', '1.2.0', '1.3.0'])
        kit.bundle(`plate-${version}`, { name: 'plate', version });
    },
  },
  trust: {
    ...owners,
    async prepare(kit, lab) {
      await signedRepository(kit, lab, { published: false });
      rmSync(kit.path('anna.key'));
      kit.write('media/stick/.keep', '');
      kit.bundle('bundle', { name: 'street', version: '3.0.0' });
    },
    // The page goes to the folder of the stick.
    before: { 'goshawk keys init': (kit) => kit.copy(kit.path('media/stick/online.pub'), 'online.pub') },
  },
  keys: { ...owners, prepare: signedRepository },
  encryption: {
    prepare(kit, lab) {
      const certificate = (device: string) => join(lab.dataOf(device), 'identity/device.crt');
      kit.copy(certificate('cam-7'), 'build/tutorial/yard-1/identity/device.crt');
      kit.copy(certificate('cam-7'), 'cam-2.crt');
      kit.copy(certificate('truck-7'), 'cam-3.crt');
    },
    instead: { '--device yard-1': '--device cam-7' },
  },
  ros2: { until: { 'goshawk run': activeNode } },
  'ros2-topics': { until: { 'goshawk run': activeNode } },
  'ros2-parameters': { until: { 'goshawk run': activeNode } },
  'ros2-middleware': { until: { 'goshawk run': activeNode } },
};

/** Waits until an agent that the last line restarts is there again. */
function back(device: string) {
  return async (kit: Kit, lab: Lab): Promise<void> => {
    await eventually(`${device} is back`, async () => {
      const { code, stdout } = await lab.run(['device', 'show', device, '--json']);
      const startedMs = Number(/"startedMs":(\d+)/.exec(stdout)?.[1]);
      if (code === 0 && stdout.includes('"online":true') && startedMs > kit.sinceMs) return true;
      throw new Error(`after ${kit.sinceMs}: ${stdout.slice(0, 1000)} ${lab.lastWords.join('; ')}`);
    });
    kit.sinceMs = Date.now();
  };
}

async function waitingId(lab: Lab, device: string): Promise<string> {
  const said = await lab.goshawk('enrolment', 'list', '--json');
  const { enrolments } = JSON.parse(said) as { enrolments: { device: string; id: string }[] };
  const id = enrolments.find((one) => one.device === device)?.id;
  if (id === undefined) throw new Error(`${device} does not wait: ${said}`);
  return id;
}

async function bringStreet2(kit: Kit, lab: Lab): Promise<void> {
  kit.bundle('street-2.0.0', { name: 'street', version: '2.0.0' });
  await lab.goshawk('model', 'push', kit.path('street-2.0.0'));
}
