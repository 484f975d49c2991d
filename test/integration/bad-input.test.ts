import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { ended, goshawk, jsonLines, pictureFolder, type Ran, start, tinyBundleFolder } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000 });

/** What a person sees of an error: what is wrong, what to do, no stack; and its code for a script. */
function expectRefusal(ran: Ran, exit: number, code: string, words: RegExp): void {
  expect(jsonLines(ran.stdout).at(-1)).toMatchObject({
    ok: false,
    error: { code, remedy: expect.stringMatching(/\w/) },
  });
  expect(ran.code).toBe(exit);
  expect(ran.stderr).toMatch(words);
  expect(ran.stderr).toMatch(/ {2}-> \w/);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
}

/** A PNG of one row of zeros that says it is this large. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const end = chunk('IEND', Buffer.alloc(0));
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc(16))), end]);
}

describe('goshawk model import refuses', () => {
  it.each<[string, Uint8Array, string, readonly string[], RegExp]>([
    [
      'a file that is no ONNX',
      new TextEncoder().encode('this is no network'),
      'thing\n',
      [],
      /onnx|network|damaged/i,
    ],
    ['an ONNX that is cut short', tinyOnnx().subarray(0, 150), 'thing\n', [], /cut short|damaged|ONNX/i],
    ['an empty file', new Uint8Array(0), 'thing\n', [], /empty|ONNX|damaged/i],
    ['an input that is no picture', tinyOnnx({ input: { shape: [1, 7] } }), 'thing\n', [], /input/i],
    [
      'an output that fits no decoder',
      tinyOnnx({ output: { shape: [1, 5] } }),
      'thing\n',
      [],
      /decoder|output/i,
    ],
    [
      'labels that are more than the network has',
      tinyOnnx(),
      'thing\nother\nmore\n',
      ['--decoder', 'yolox'],
      /label|class|output|channels|values/i,
    ],
    ['an empty file of labels', tinyOnnx(), '\n', ['--decoder', 'yolox'], /label/i],
  ])('%s, with what to do, and writes nothing', async (_what, network, labels, more, words) => {
    const base = temporaryFolder();
    const [onnx, names, out] = [join(base, 'net.onnx'), join(base, 'labels.txt'), join(base, 'out')];
    writeFileSync(onnx, network);
    writeFileSync(names, labels);
    const ran = await goshawk('model', 'import', onnx, '--labels', names, '--out', out, ...more, '--json');
    const { error } = jsonLines(ran.stdout).at(-1) as { error: { code: string } };
    expectRefusal(ran, 3, error.code, words);
    expect(() => readFileSync(join(out, 'manifest.json'))).toThrow();
  });
});

describe('goshawk run', () => {
  it('goes on past pictures that are torn, empty, or too large to decode, naming each', async () => {
    const base = temporaryFolder();
    const pictures = await pictureFolder(base, 3);
    const { default: sharp } = await import('sharp');
    const jpeg = await sharp(join(pictures, '0.png')).jpeg().toBuffer();
    for (const [name, bytes] of [
      ['0b.jpg', jpeg.subarray(0, jpeg.length / 2)],
      ['1b.jpg', Buffer.alloc(0)],
      ['2c.png', pngOf(0, 0)],
      ['2b.png', pngOf(20_000, 20_000)],
    ] as const)
      writeFileSync(join(pictures, name), bytes);
    const ran = await goshawk('run', '--model', await tinyBundleFolder(base), '--source', pictures, '--json');
    expect(ran.code).toBe(0);
    const summary = jsonLines(ran.stdout).at(-1) as { frames: { processed: number }; faults: string[] };
    expect(summary.frames.processed).toBe(3);
    expect(summary.faults.join('\n')).toMatch(/2b\.png.*20,?000/);
    for (const name of ['0b.jpg', '1b.jpg', '2c.png'])
      expect(`${summary.faults.join('\n')}\n${ran.stderr}`).toContain(name);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  it.each<[string, (base: string) => void, string, number, string, RegExp]>([
    ['an empty folder', (base) => mkdirSync(join(base, 'source')), 'source', 3, 'folder-empty', /is empty/],
    [
      'a folder without a picture',
      (base) => {
        mkdirSync(join(base, 'source'));
        writeFileSync(join(base, 'source', 'notes.txt'), 'no picture');
      },
      'source',
      3,
      'folder-empty',
      /no picture/,
    ],
    [
      'a source that is not there',
      () => {},
      'nowhere.mp4',
      4,
      'source-missing',
      /There is no file or folder/,
    ],
  ])('refuses %s', async (_what, prepare, source, exit, code, words) => {
    const base = temporaryFolder();
    prepare(base);
    const bundle = await tinyBundleFolder(base);
    expectRefusal(
      await goshawk('run', '--model', bundle, '--source', join(base, source), '--json'),
      exit,
      code,
      words,
    );
  });

  it('refuses a bundle whose network was changed on the disk', async () => {
    const base = temporaryFolder();
    const bundle = await tinyBundleFolder(base);
    const onnx = readFileSync(join(bundle, 'fp32.onnx'));
    writeFileSync(join(bundle, 'fp32.onnx'), Buffer.concat([onnx.subarray(0, -1), Buffer.from([0xaa])]));
    const ran = await goshawk('run', '--model', bundle, '--source', await pictureFolder(base, 1), '--json');
    expectRefusal(ran, 3, 'bundle-digest', /fp32\.onnx/);
  });
});

describe('goshawk agent and controller refuse settings', () => {
  const agent = {
    device: 'cam-1',
    dataDir: 'DATA',
    broker: { url: 'mqtt://127.0.0.1:1' },
    cameras: { front: { source: 'sim' } },
  };
  it.each<[string, string, unknown, number, string, RegExp]>([
    ['that are no JSON', 'agent', '{', 3, 'settings-invalid', /not valid YAML or JSON/],
    [
      'with a device id that is no topic level',
      'agent',
      { ...agent, device: 'a/b' },
      3,
      'settings-invalid',
      /device/,
    ],
    ['with a name that is misspelt', 'agent', { ...agent, modle: 'x' }, 3, 'settings-invalid', /modle/],
    [
      'with a password file that is not there',
      'agent',
      { ...agent, broker: { url: 'mqtt://127.0.0.1:1', username: 'u', passwordFile: '/nowhere/secret' } },
      4,
      'file-missing',
      /secret/,
    ],
    [
      'with a broker that is no address',
      'controller',
      { dataDir: 'DATA', broker: { url: 'localhost' } },
      3,
      'settings-invalid',
      /broker\.url/,
    ],
  ])('%s', async (_what, program, settings, exit, code, words) => {
    const base = temporaryFolder();
    const config = join(base, 'settings.json');
    const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
    writeFileSync(config, text.replaceAll('DATA', join(base, 'data')));
    expectRefusal(await goshawk(program, '--config', config, '--json'), exit, code, words);
  });

  it('with the data folder of an agent that runs, and ends for it', async () => {
    const base = temporaryFolder();
    const config = join(base, 'settings.json');
    const cameras = { front: { source: await pictureFolder(base, 2) } };
    const model = await tinyBundleFolder(base);
    writeFileSync(config, JSON.stringify({ ...agent, dataDir: join(base, 'data'), model, cameras }));
    const first = start('agent', '--config', config, '--json');
    const over = ended(first);
    try {
      await new Promise<void>((said) => first.stdout?.once('data', () => said()));
      expectRefusal(await goshawk('agent', '--config', config, '--json'), 5, 'outbox-busy', /other agent/);
    } finally {
      first.kill();
      expect(await over).toMatchObject({ code: 0 });
    }
  });
});
