import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { licenseComplaints } from '../../deploy/package/copyright.ts';
import { isElf } from '../../deploy/package/elf.ts';
import { checkBuildDependencies } from '../../deploy/package/parts.ts';
import { checkBinaries, filesBelow } from '../../deploy/package/tree.ts';
import { readBill } from '../../src/sbom/index.ts';
import { complaints } from '../fixtures/cyclonedx.ts';
import { makeGpgKey } from '../fixtures/gpg-key.ts';
import { makeSshKey, verifySignature } from '../fixtures/ssh-key.ts';
import { projectRoot } from './goshawk.ts';

const missing = whyNot();

const aptMissing = ['apt-ftparchive', 'gpg'].some(
  (program) => spawnSync(program, ['--version']).error !== undefined,
);

/** The packages of agent and controller, signed, in a folder that apt reads where it can be made one; the path of the agent's. */
function build(out: string, key: string): string {
  const aptKey = 'packages@example.org';
  mkdirSync(out, { recursive: true });
  const env = { ...process.env, ...(aptMissing ? {} : makeGpgKey(mkdtempSync(join(out, 'key-')), aptKey)) };
  const flags = ['--arch', 'amd64', '--version', '0.0.7', '--quick', '--sign-key', key, '--out', out];
  if (!aptMissing) flags.push('--apt-key', aptKey);
  const built = spawnSync('npm', ['run', '-s', 'package', '--', ...flags], {
    ...{ cwd: projectRoot, encoding: 'utf8', env },
  });
  if (!aptMissing) spawnSync('gpgconf', ['--kill', 'all'], { env });
  if (built.status !== 0) throw new Error(`npm run package: ${built.stderr}`);
  return join(out, 'goshawk-agent_0.0.7_amd64.deb');
}

function whyNot(): string | undefined {
  if (process.arch !== 'x64') return 'this machine is not an amd64';
  try {
    checkBuildDependencies(['amd64']);
    const ping = spawnSync('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], {
      cwd: projectRoot,
    });
    return ping.status === 0 ? undefined : 'no package registry answers';
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : 'unknown';
  }
}

/*
 * The package itself: what is in it, and that it runs where it was unpacked. Installing it into a Debian under systemd is
 * `npm test -- package`.
 */
describe.skipIf(missing !== undefined)(
  `The package goshawk-agent${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let folder: string;
    let root: string;
    let deb: string;
    let key: string;
    const field = (name: string) => execFileSync('dpkg-deb', ['-f', deb, name], { encoding: 'utf8' }).trim();

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'goshawk-package-'));
      root = join(folder, 'root');
      key = makeSshKey(folder);
      deb = build(folder, key);
      execFileSync('dpkg-deb', ['-x', deb, root]);
    }, 900_000);
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const program = (...path: readonly string[]) => join(root, 'usr/lib/goshawk-agent', ...path);

    it('describes itself and its dependencies', () => {
      expect(field('Package')).toBe('goshawk-agent');
      expect(field('Architecture')).toBe('amd64');
      expect(field('Depends')).toContain('libc6 (>= 2.35)');
    });

    it('belongs to root and is writable by root only', () => {
      const lines = execFileSync('dpkg-deb', ['-c', deb], { encoding: 'utf8', maxBuffer: 64 << 20 })
        .trim()
        .split('\n');
      expect(lines.length).toBeGreaterThan(1_000);
      const wrong = lines.filter(
        (line) => !/^[-dl]r[w-][x-]r-[x-]r-[x-] root\/root /.test(line) && !line.startsWith('l'),
      );
      expect(wrong).toEqual([]);
    });

    it('holds what runs and nothing of the development', () => {
      const files = filesBelow(root);
      for (const path of [
        'bin/node',
        'dist/src/cli/main.js',
        'dist/dashboard/main.js',
        'native/build/out/goshawk.node',
      ]) {
        expect(files).toContain(`usr/lib/goshawk-agent/${path}`);
      }
      const development = files.filter((path) =>
        /(?<!exports)\.map$|\.d\.ts$|\.tsx?$|node_modules\/(typescript|vitest|vite|esbuild|preact|playwright-core|@biomejs)\/|train\.py/.test(
          path,
        ),
      );
      // Types of the messages, for who builds goshawk_msgs.
      const types = 'ros2/goshawk_msgs/typescript/index.d.ts';
      expect(development.filter((path) => !path.endsWith(types))).toEqual([]);
      const foreign = files.filter((path) =>
        /(win32|darwin|arm64|musl)[^/]*\/.*\.(node|dll|dylib|so)/.test(path),
      );
      expect(foreign).toEqual([]);
      expect(files.filter((path) => path.endsWith('libonnxruntime.so.1'))).toHaveLength(1);
    });

    it('has binaries for glibc 2.35 only', () => {
      expect(() => checkBinaries(root, 'amd64')).not.toThrow();
    });

    it('has the licence of every program and library in it, and the texts of those that hold others', () => {
      const documents = join(root, 'usr/share/doc/goshawk-agent');
      const binaries = filesBelow(root).filter((path) =>
        isElf(readFileSync(join(root, path)).subarray(0, 64)),
      );
      expect(binaries.length).toBeGreaterThan(8);
      expect(licenseComplaints(binaries, readFileSync(join(documents, 'copyright'), 'utf8'))).toEqual([]);
      const notice = (name: string) => gunzipSync(readFileSync(join(documents, `${name}.gz`))).toString();
      expect(notice('LICENSE.node')).toContain('Node.js is licensed');
      expect(notice('NOTICE.onnxruntime')).toContain('protocolbuffers/protobuf');
      expect(notice('NOTICE.libvips')).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
    });

    it('has the same bytes when it is built again, as the controller’s has', { timeout: 900_000 }, () => {
      build(join(folder, 'again'), key);
      for (const name of ['goshawk-agent', 'goshawk-controller'].map((one) => `${one}_0.0.7_amd64.deb`))
        for (const file of [name, `${name}.provenance.json`, `${name}.sig`, `${name}.provenance.json.sig`]) {
          const [first, again] = [join(folder, file), join(folder, 'again', file)].map((path) =>
            readFileSync(path),
          );
          expect([file, again!.equals(first!)]).toEqual([file, true]);
        }
    });

    it('has a sister, the controller’s, whose list of parts the schema accepts too', async () => {
      const root = join(folder, 'controller');
      execFileSync('dpkg-deb', ['-x', join(folder, 'goshawk-controller_0.0.7_amd64.deb'), root]);
      const bill = readFileSync(join(root, 'usr/lib/goshawk-controller/share/sbom.cdx.json'), 'utf8');
      expect(await complaints(bill)).toEqual([]);
      expect(readBill(bill, 'sbom').subject.name).toBe('goshawk-controller');
    });

    it.skipIf(aptMissing)(
      `is in an apt repository, as the controller’s${aptMissing ? ' (skipped: no apt-utils)' : ''}`,
      () => {
        const listed = readFileSync(join(folder, 'Packages'), 'utf8').match(/^Package: .*/gm);
        expect(listed).toEqual(['Package: goshawk-agent', 'Package: goshawk-controller']);
        expect(readFileSync(join(folder, 'InRelease'), 'utf8')).toContain('BEGIN PGP SIGNATURE');
      },
    );

    it('has a signature beside it and beside its statement, as the controller’s has', () => {
      for (const name of ['goshawk-agent', 'goshawk-controller'])
        for (const end of ['', '.provenance.json']) {
          const file = join(folder, `${name}_0.0.7_amd64.deb${end}`);
          expect([file, verifySignature(file, key)]).toEqual([file, '']);
        }
    });

    it('has a provenance statement with its digest and its sources', () => {
      const { subject, predicate } = JSON.parse(readFileSync(`${deb}.provenance.json`, 'utf8'));
      const sha256 = createHash('sha256').update(readFileSync(deb)).digest('hex');
      expect(subject).toEqual([{ name: 'goshawk-agent_0.0.7_amd64.deb', digest: { sha256 } }]);
      const inputs = predicate.buildDefinition.resolvedDependencies as { name?: string; digest?: object }[];
      expect(inputs.find(({ name }) => name === 'package-lock.json')?.digest).toEqual({
        sha256: createHash('sha256')
          .update(readFileSync(join(projectRoot, 'package-lock.json')))
          .digest('hex'),
      });
    });

    it('lists what it is made of, as the schema of CycloneDX has it', async () => {
      const bill = readFileSync(program('share/sbom.cdx.json'), 'utf8');
      expect(await complaints(bill)).toEqual([]);
      const { subject, components } = readBill(bill, 'sbom');
      const versionOf = (wanted: string) => components.find(({ name: one }) => one === wanted)?.version;
      expect(subject).toMatchObject({ type: 'application', name: 'goshawk-agent' });
      expect(versionOf('node')).toBe(
        execFileSync(program('bin/node'), ['--version'], { encoding: 'utf8' }).trim().slice(1),
      );
      expect(versionOf('onnxruntime')).toMatch(/^1\.\d+/);
      expect(versionOf('vips')).toMatch(/^8\./);
      const mqtt = components.find(({ purl }) => purl?.startsWith('pkg:npm/mqtt@'));
      expect(mqtt?.licenses).toEqual([{ license: { name: 'MIT' } }]);
      const folders = filesBelow(program('node_modules')).filter((path) =>
        /^(@[^/]+\/)?[^/]+\/package\.json$/.test(path),
      );
      expect(components.length).toBeGreaterThanOrEqual(folders.length + 25);
    });

    it('knows no name of the machine that it was built on', () => {
      const named = filesBelow(program('native')).filter((path) =>
        readFileSync(program('native', path)).includes(projectRoot),
      );
      expect(named).toEqual([]);
    });

    it('runs from where it lies, with its own Node and the native engine', () => {
      const node = program('bin/node');
      const goshawk = (...args: readonly string[]) =>
        execFileSync(node, [program('dist/src/cli/main.js'), ...args], { cwd: folder, encoding: 'utf8' });
      expect(goshawk('--version').trim()).toBe('0.0.7');
      const model = program('models/street');
      const lines = goshawk(
        'run',
        '--model',
        model,
        '--source',
        'sim',
        '--engine',
        'onnxruntime',
        '--frames',
        '3',
        '--json',
      );
      expect(lines.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    });

    it('answers requests over HTTP and gRPC with the packages that are in it', async () => {
      const listen = ['--listen', 'http://127.0.0.1:0', '--listen', 'grpc://127.0.0.1:0'];
      const serve = [
        program('dist/src/cli/main.js'),
        'serve',
        '--json',
        '--model',
        program('models/street'),
        ...listen,
      ];
      const child = spawn(program('bin/node'), serve, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      const [text] = (await once(child.stdout, 'data')) as [Buffer];
      const { urls } = JSON.parse(text.toString()) as { urls: [string, string] };
      expect((await fetch(`${urls[0]}/v2/health/ready`)).status).toBe(200);
      const client = new Client(urls[1].replace('grpc://', ''), credentials.createInsecure());
      onTestFinished(() => client.close());
      const ready = await new Promise((resolve, reject) => {
        const path = '/inference.GRPCInferenceService/ServerReady';
        const done = (error: Error | null, answer?: Buffer) =>
          error === null ? resolve(answer) : reject(error);
        client.makeUnaryRequest(
          path,
          () => Buffer.alloc(0),
          (bytes) => bytes,
          {},
          done,
        );
      });
      // Field 1 is true.
      expect(ready).toEqual(Buffer.from([8, 1]));
    });

    it('runs an engine in a process of its own', () => {
      const library = filesBelow(program()).find((path) => path.endsWith('libonnxruntime.so.1')) ?? '';
      const script = `
        const out = ${JSON.stringify(program('native/build/out'))};
        const deviceOptions = { 'isolate.host': out + '/goshawk-engine-host', 'isolate.plugin': out + '/goshawk_onnxruntime.so',
          library: ${JSON.stringify(join(program(), library))} };
        require(out + '/goshawk.node').describeDevice({ plugin: out + '/goshawk_isolated.so', deviceOptions })
          .then((device) => console.log(device));`;
      const device = JSON.parse(execFileSync(program('bin/node'), ['-e', script], { encoding: 'utf8' }));
      expect(device).toMatchObject({ engine: 'onnxruntime', process: expect.any(Number) });
    });

    it('has units that systemd has nothing to say against', () => {
      if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
      const unit = 'usr/lib/systemd/system/goshawk-agent.service';
      expect(existsSync(join(root, unit))).toBe(true);
      // `ExecReload` uses the shell of the system, which no package of ours brings.
      mkdirSync(join(root, 'bin'));
      writeFileSync(join(root, 'bin/sh'), '', { mode: 0o755 });
      const checked = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', '--recursive-errors=no', '--root', root, 'goshawk-agent.service'],
        {
          encoding: 'utf8',
        },
      );
      expect(checked.stderr.split('\n').filter((line) => line.includes('goshawk-agent.service'))).toEqual([]);
      rmSync(join(root, 'bin'), { recursive: true });
      expect(statSync(join(root, unit)).mode & 0o777).toBe(0o644);
    });
  },
);

describe('The units of deploy/systemd', () => {
  const there = spawnSync('systemd-analyze', ['--version']).status === 0;
  it.skipIf(!there).each([
    ['agent', 2.5],
    ['controller', 2.0],
  ])(
    `leave the %s an exposure of at most %s${there ? '' : ' (skipped: systemd-analyze is not installed)'}`,
    (name, most) => {
      const unit = join(projectRoot, `deploy/systemd/goshawk-${name}.service`);
      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', unit], {
        encoding: 'utf8',
      });
      const score = Number(/level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
      expect(score).toBeLessThanOrEqual(most);
    },
  );
});
