import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../contract/brokers.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AgentProcess } from '../agent-process.ts';
import {
  ended,
  goshawk,
  jsonLines,
  pictureFolder,
  projectRoot,
  start,
  tinyBundleFolder,
} from '../goshawk.ts';

const python = '/usr/bin/python3';
const noPython =
  existsSync('/usr/bin/grpc_python_plugin') && spawnSync(python, ['-c', 'import grpc']).status === 0
    ? ''
    : ' (skipped: python3-grpcio and protobuf-compiler-grpc are not installed)';

async function served(...args: readonly string[]) {
  const base = temporaryFolder();
  const bundle = await tinyBundleFolder(base);
  const picture = join(await pictureFolder(base, 1), '0.png');
  const listen = ['--listen', 'http://127.0.0.1:0', '--listen', 'grpc://127.0.0.1:0'];
  const program = start(
    'serve',
    '--json',
    '--model',
    bundle,
    '--engine',
    'onnxruntime-node',
    ...listen,
    ...args,
  );
  const result = ended(program);
  onTestFinished(() => void program.kill('SIGKILL'));
  const { models, urls } = await new Promise<{ models: { name: string }[]; urls: string[] }>(
    (resolve, reject) => {
      program.stdout?.on('data', (text: Buffer) => resolve(JSON.parse(text.toString())));
      void result.then(({ stderr }) => reject(new Error(stderr)));
    },
  );
  return { base, picture, program, result, model: models[0]!.name, http: urls[0]!, grpc: urls[1]! };
}

const bodyOf = (picture: string) =>
  JSON.stringify({
    inputs: [
      {
        ...{ name: 'image', datatype: 'BYTES', shape: [1] },
        data: [readFileSync(picture).toString('base64')],
      },
    ],
  });

async function infer(
  http: string,
  model: string,
  picture: string,
): Promise<{ labels: string[]; boxes: number[] }> {
  const response = await fetch(`${http}/v2/models/${model}/infer`, { method: 'POST', body: bodyOf(picture) });
  const answer = (await response.json()) as { outputs: { name: string; data: unknown }[] };
  return Object.fromEntries(answer.outputs.map(({ name, data }) => [name, data])) as never;
}

describe('goshawk serve', () => {
  it('finds in a picture that is sent what `goshawk run` finds in it, and ends well', async () => {
    const { base, picture, model, http, program, result } = await served();
    const { labels, boxes } = await infer(http, model, picture);
    expect(labels).toHaveLength(1);
    const run = await goshawk(
      'run',
      '--json',
      '--engine',
      'onnxruntime-node',
      '--model',
      join(base, 'tiny-bundle'),
      '--source',
      picture,
    );
    const [frame] = jsonLines(run.stdout).filter(({ type }) => type === 'frame');
    const [found] = (frame?.detections ?? []) as { label: string; box: number[] }[];
    expect([labels[0], boxes.map((value) => Math.round(value))]).toEqual([
      found!.label,
      found!.box.map((value) => Math.round(value)),
    ]);
    program.kill('SIGINT');
    expect((await result).code).toBe(0);
  });

  it('answers what its page shows: curl, and Python without a package', async () => {
    const { base, picture, model, http } = await served();
    copyFileSync(picture, join(base, 'street.jpg'));
    const page = readFileSync(join(projectRoot, 'docs/inference.md'), 'utf8')
      .replaceAll('http://127.0.0.1:8000', http)
      .replaceAll('/models/street/', `/models/${model}/`);
    const [, shell = ''] = /\n {4}(printf [^\n]+\n[^\n]+)/.exec(page) ?? [];
    const [, python = ''] = /```python\n([\s\S]+?)```/.exec(page) ?? [];
    for (const [program, text] of [
      ['sh', shell],
      ['python3', python],
    ] as const) {
      const ran = spawn(program, ['-c', text], { cwd: base, stdio: ['ignore', 'pipe', 'inherit'] });
      const { stdout } = await ended(ran);
      expect(stdout).toContain(model);
      expect(stdout).toContain('labels');
    }
  });

  it(`speaks gRPC with the client of gRPC for Python${noPython}`, { skip: noPython !== '' }, async () => {
    const { picture, model, http, grpc } = await served();
    const client = join(projectRoot, 'test/integration/inference/client.py');
    const { stdout, stderr } = spawnSync(python, [client, grpc.replace('grpc://', ''), model, picture], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const { boxes } = await infer(http, model, picture);
    const told = JSON.parse(stdout) as { boxes: number[][] };
    expect(told).toMatchObject({
      ...{ ready: true, outputs: ['boxes', 'scores', 'classes', 'labels'], id: '7', shape: [1, 4] },
      refused: ['NOT_FOUND', expect.stringContaining(`It runs ${model}`)],
    });
    for (const one of told.boxes)
      for (const [at, value] of one.entries()) expect(value).toBeCloseTo(boxes[at]!, 3);
  });

  it('listens to the network with a token alone', async () => {
    const base = temporaryFolder();
    const bundle = await tinyBundleFolder(base);
    const serve = (listen: string) =>
      goshawk('serve', '--model', bundle, '--engine', 'onnxruntime-node', '--listen', listen);
    const open = await serve('http://0.0.0.0:0');
    expect(open.code).not.toBe(0);
    expect(open.stderr).toContain('everyone in the network could use the engine');
    const token = join(base, 'token');
    writeFileSync(token, 'short');
    expect((await serve(`http://0.0.0.0:0#tokenFile=${token}`)).stderr).toContain('openssl rand -hex 24');
    expect((await serve('mqtt://127.0.0.1')).stderr).toContain(
      'not an address that requests can be answered at',
    );
  });
});

describe('goshawk agent', () => {
  it('answers requests beside its cameras', async () => {
    const base = temporaryFolder();
    const port = await freePort();
    const settings = join(base, 'agent.json');
    writeFileSync(
      settings,
      JSON.stringify({
        ...{ device: 'd1', dataDir: join(base, 'data'), broker: { url: 'mqtt://127.0.0.1:1' } },
        ...{ model: await tinyBundleFolder(base), engine: 'onnxruntime-node' },
        cameras: { front: { source: 'sim', fps: 10 } },
        inference: { http: { port } },
      }),
    );
    const picture = join(await pictureFolder(base, 1), '0.png');
    const agent = new AgentProcess(settings);
    onTestFinished(() => agent.stop());
    const http = `http://127.0.0.1:${port}`;
    const ready = async () => (await fetch(`${http}/v2/health/ready`).catch(() => undefined))?.status;
    await expect.poll(ready).toBe(200);
    const index = await fetch(`${http}/v2/repository/index`, { method: 'POST' });
    const [{ name }] = (await index.json()) as [{ name: string }];
    for (let at = 0; at < 5; at++) expect((await infer(http, name, picture)).labels).toHaveLength(1);
    agent.process.kill('SIGTERM');
    expect(await agent.ended).toEqual({ code: 0, signal: null });
  });
});
