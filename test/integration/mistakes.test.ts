import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../src/adapters/filesystem/index.ts';
import { formatManifest } from '../../src/model/index.ts';
import { pushBundle } from '../fixtures/push-bundle.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { announce } from '../unit/adapters/fastify/device-and-bundle.ts';
import { Served } from '../unit/adapters/fastify/serve.ts';
import { ended, projectRoot, sharedData, startWith } from './goshawk.ts';

// Each command is a process.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/*
 * What people mistype, as a table: the command, the exit status, what stderr says of the cause and of the remedy. Mistakes
 * that need a camera, a small disk or a fleet are in test/integration/cameras.test.ts, fleet/full-disk.test.ts and
 * fleet/slots.test.ts.
 */

const work = mkdtempSync(join(tmpdir(), 'goshawk-mistakes-'));
const street = join(projectRoot, 'models/street');
const yolox = join(sharedData, 'models/yolox-nano/yolox_nano.onnx');
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `thing${index}\n`).join('');

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(work, name), content);
  return join(work, name);
}

const settings = (more: object) =>
  JSON.stringify({
    ...{ device: 'd1', dataDir: work, broker: { url: 'mqtt://127.0.0.1:1' }, model: street },
    ...{ cameras: { a: { source: 'sim' } }, ...more },
  });
const check = (name: string, text: string) => ['agent', '--config', file(name, text), '--check'];

let served: Served;
let taken: Server;
beforeAll(async () => {
  served = await Served.open();
  await announce(served, 'cam-1');
  const onnx = tinyOnnx();
  const part = { path: 'fp32.onnx', digest: digestOf(onnx), size: onnx.length };
  const manifest = tinyManifest({ name: 'tiny', variants: [{ kind: 'fp32', file: part }] });
  const caller = { tokenId: 't0', name: 'test', role: 'admin' } as const;
  await pushBundle(served.controller, caller, Buffer.from(formatManifest(manifest)), { 'fp32.onnx': onnx });
  taken = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => taken.once('listening', done));
});
afterAll(async () => {
  taken.close();
  await served.close();
  rmSync(work, { recursive: true, force: true });
});

/** As an operator of the fleet, unless the mistake is another one. */
const typed = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  ended(
    startWith(
      {
        ...{ XDG_CONFIG_HOME: work, GOSHAWK_URL: served.url, GOSHAWK_TOKEN: served.tokens.operator },
        ...environment,
      },
      ...args,
    ),
  );

interface Mistake {
  readonly args: () => readonly string[];
  readonly environment?: () => NodeJS.ProcessEnv;
  /** A file outside of the project, without which it is skipped. */
  readonly needs?: string;
  readonly status: number;
  readonly says: readonly (string | RegExp)[];
}

const run = (...args: readonly string[]) => ['run', '--model', street, ...args];
const fleet: Readonly<Record<string, Mistake>> = {
  'no token': {
    args: () => ['device', 'list'],
    environment: () => ({ GOSHAWK_TOKEN: '' }),
    status: 3,
    says: ['You are not logged in to', 'goshawk login http'],
  },
  'a wrong token': {
    args: () => ['device', 'list'],
    environment: () => ({ GOSHAWK_TOKEN: 'gsk_wrong' }),
    status: 5,
    says: ['The token is not valid', 'goshawk token create'],
  },
  'a token of a lesser role': {
    args: () => ['token', 'list'],
    environment: () => ({ GOSHAWK_TOKEN: served.tokens.viewer }),
    status: 5,
    says: ['needs the role admin; the token has viewer', 'Ask an admin'],
  },
  'no controller at the address': {
    args: () => ['device', 'list'],
    environment: () => ({ GOSHAWK_URL: `http://127.0.0.1:2` }),
    status: 4,
    says: ['No controller answers at http://127.0.0.1:2', 'Check --url'],
  },
  'an address that is none': {
    args: () => ['device', 'list'],
    environment: () => ({ GOSHAWK_URL: 'htp:/x' }),
    status: 3,
    says: ['"htp:/x" is not an address', 'Give http://host:port'],
  },
  'an unknown device': {
    args: () => ['device', 'show', 'cam-9'],
    status: 4,
    says: ['cam-9', 'goshawk device list'],
  },
  'an unknown model': {
    args: () => ['model', 'deploy', 'stret', '--device', 'cam-1'],
    status: 4,
    says: ['no model "stret"', 'goshawk model push'],
  },
  'an unknown token': {
    args: () => ['token', 'revoke', 'nix'],
    environment: () => ({ GOSHAWK_TOKEN: served.tokens.admin }),
    status: 4,
    says: ['There is no token nix', 'goshawk token list'],
  },
  'a role that is none': {
    args: () => ['token', 'create', '--name', 'x', '--role', 'root'],
    status: 2,
    says: ['Allowed choices are viewer, operator, admin, device'],
  },
  'a name of a slot': {
    args: () => ['model', 'undeploy', '--device', 'cam-1', '--slot', 'A b'],
    status: 3,
    says: ['slot: must start with small letters', '--help'],
  },
  'labels without a value': {
    args: () => ['device', 'label', 'cam-1', '--set', 'site'],
    status: 2,
    says: ['Write labels as site=west'],
  },
  'an unknown camera': {
    args: () => ['pipeline', 'set', '--device', 'cam-1', '--camera', 'fron', '--score-threshold', '0.5'],
    status: 4,
    says: ['has no camera fron', 'There is'],
  },
  'a camera of a slot': {
    args: () => ['model', 'deploy', 'tiny', '--device', 'cam-1', '--slot', 'two', '--cameras', 'fron'],
    status: 4,
    says: ['has no camera fron', 'There is'],
  },
  'a field of a rollout': {
    args: () => [
      ...['rollout', 'create', 'r1', '-f'],
      file('r.yaml', 'model: {name: street}\ntarget: {all: true}\nwavs:\n  - percent: 10\n'),
    ],
    status: 3,
    says: [/r\.yaml:3:1: wavs: is unknown, did you mean waves\?/],
  },
  'YAML that is none': {
    args: () => ['rollout', 'create', 'r1', '-f', file('b.yaml', 'model: [\n')],
    status: 3,
    says: [/line \d+, column \d+/],
  },
};

const local: Readonly<Record<string, Mistake>> = {
  'a command': {
    args: () => ['modle', 'list'],
    status: 2,
    says: ["unknown command 'modle'", 'Did you mean model?'],
  },
  'a command below one': { args: () => ['device', 'lst'], status: 2, says: ['Did you mean list?'] },
  'an option that is required': {
    args: () => run('--sorce', 'sim'),
    status: 2,
    says: ["unknown option '--sorce'", 'Did you mean --source?'],
  },
  'no model': {
    args: () => ['run', '--source', 'sim'],
    status: 2,
    says: ["'--model <bundle>' not specified"],
  },
  'a video that is not there': {
    args: () => run('--source', 'nothing.mp4'),
    status: 4,
    says: ['There is no file or folder nothing.mp4', 'Name a folder of pictures, a video file'],
  },
  'a folder without pictures': {
    args: () => {
      mkdirSync(join(work, 'empty'), { recursive: true });
      return run('--source', join(work, 'empty'));
    },
    status: 3,
    says: ['is empty', 'JPEG or PNG'],
  },
  'a bundle that is not there': {
    args: () => ['run', '--model', join(work, 'nope'), '--source', 'sim'],
    status: 4,
    says: ['There is no folder', 'goshawk model import'],
  },
  'an ONNX file in place of a bundle': {
    needs: yolox,
    args: () => ['run', '--model', yolox, '--source', 'sim'],
    status: 4,
    says: ['is an ONNX file, not a bundle', 'goshawk model import yolox_nano.onnx --out'],
  },
  'a class': {
    args: () => run('--source', 'sim', '--frames', '3', '--classes', 'pedestrain'),
    status: 3,
    says: ['no class "pedestrain"', 'Its classes are car, truck, pedestrian'],
  },
  'a camera that does not answer': {
    args: () => run('--source', 'rtsp://127.0.0.1:2/x'),
    status: 4,
    says: [
      "can't be reached: no program listens on that port",
      'Check the address, the port and the network',
    ],
  },
  'an option of a camera': {
    args: () => run('--source', 'rtsp://127.0.0.1:2/x#stal=3'),
    status: 3,
    says: ['"stal=3" after the # is no option', 'stall=10s'],
  },
  'a V4L2 camera that is not there': {
    args: () => run('--source', 'v4l2:/dev/video99'),
    status: 4,
    says: ['no camera at /dev/video99', 'goshawk camera list'],
  },
  'a folder that is a file': {
    args: () => run('--source', 'sim', '--frames', '1', '--draw', join(file('plain', ''), 'x')),
    status: 4,
    says: ["Can't create the folder", 'is not a folder', 'Check the path'],
  },
  'an ONNX that is cut short': {
    needs: yolox,
    args: () => [
      ...['model', 'import', file('cut.onnx', readFileSync(yolox).subarray(0, 3_000)), '--labels'],
      ...[file('80.txt', numbers(80)), '--out', join(work, 'out')],
    ],
    status: 3,
    says: ['is cut short or damaged', 'Copy or export the file again'],
  },
  'a decoder': {
    needs: yolox,
    args: () => [
      ...['model', 'import', yolox, '--labels', file('80.txt', numbers(80)), '--decoder', 'yolov8'],
      ...['--out', join(work, 'out')],
    ],
    status: 3,
    says: ['It looks like yolox', 'Try --decoder yolox'],
  },
  'the number of labels': {
    needs: yolox,
    args: () => [
      ...['model', 'import', yolox, '--labels', file('3.txt', numbers(3)), '--out', join(work, 'out')],
    ],
    status: 3,
    says: ['seems to have 80 classes', 'you gave 3 labels', 'one line per class'],
  },
  'a detector that is called a classifier': {
    args: () => [
      ...['model', 'import', file('tiny.onnx', tinyOnnx()), '--labels', file('1.txt', 'thing\n')],
      ...['--decoder', 'softmax', '--out', join(work, 'out')],
    ],
    status: 3,
    says: ['softmax', '->'],
  },
  'a setting': {
    args: () => check('a.json', settings({ brokr: {} })),
    status: 3,
    says: [/a\.json:1:\d+: brokr: is unknown, did you mean broker\?/],
  },
  'a variable': {
    args: () => check('b.json', settings({})),
    environment: () => ({ GOSHAWK_BROKR_URL: 'x' }),
    status: 0,
    says: ['Unknown variable GOSHAWK_BROKR_URL (ignored). Did you mean GOSHAWK_BROKER_URL?'],
  },
  'a name of a device': {
    args: () => check('d.json', settings({ device: 'A B' })),
    status: 3,
    says: ['device: must start with letters or digits, then have letters'],
  },
  'JSON that is none': {
    args: () => check('e.json', '{"device": "x"\n "dataDir": "y"}'),
    status: 3,
    says: [/line \d+, column \d+/, 'Correct the file there'],
  },
  'a file of a token that is empty': {
    args: () => check('f.json', settings({ artifacts: { tokenFile: file('empty.token', '') } })),
    status: 3,
    says: ['artifacts.tokenFile: names an empty file'],
  },
  'a port that is taken': {
    args: () => {
      const { port } = taken.address() as { port: number };
      const controller = {
        ...{ dataDir: join(work, 'controller'), broker: { url: 'mqtt://127.0.0.1:2' }, http: { port } },
      };
      return ['controller', '--config', file('c.json', JSON.stringify(controller))];
    },
    status: 5,
    says: ['Another program listens on', 'Choose another port'],
  },
};

describe.each([
  ['the fleet', fleet],
  ['this machine', local],
])('A mistake in a command of %s', (_, mistakes) => {
  it.for(Object.entries(mistakes))(
    '(%s) is answered with cause, remedy and status',
    async ([, mistake], { skip }) => {
      const { args, environment, needs, status, says } = mistake;
      if (needs !== undefined && !existsSync(needs)) skip(`needs ${needs}`);
      const { code, stderr } = await typed(args(), environment?.());
      for (const words of says) expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(
        /\n\s+at |GET \/|POST \/|Authorization|\^\[|\(\?!|EACCES|ENOTDIR|ENOENT:.*mkdir/,
      );
      expect(code).toBe(status);
      // Once: a line of the log that says the same is one too many.
      const [first] = /^goshawk: .*$/m.exec(stderr) ?? [];
      if (first !== undefined) expect(stderr.split(first.slice(9, 60)).length).toBe(2);
    },
  );
});
