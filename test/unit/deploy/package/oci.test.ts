import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  contentsOf,
  filesOf,
  isAdded,
  isNotice,
  isProgram,
  leadsSomewhere,
  packagesWith,
  placeInTree,
} from '../../../../deploy/package/oci/contents.ts';
import { imageConfig, imageManifest, platformOf } from '../../../../deploy/package/oci/image.ts';
import { layerOf, ownTree, programTree } from '../../../../deploy/package/oci/layers.ts';
import { type Descriptor, mediaTypes, OciLayout } from '../../../../deploy/package/oci/layout.ts';
import { packages } from '../../../../deploy/package/packages.ts';
import { withDebian } from '../../../../deploy/package/sbom.ts';
import { placeOf } from '../../../../src/platform/index.ts';
import { debianComponent, npmComponent, readBill, renderBill } from '../../../../src/sbom/index.ts';

const facts = { version: '1.2.3', epochSeconds: 1_790_000_000, maintainer: 'S <s@goshawk.example>' };
const [agent, controller] = packages;

describe('A container image', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-oci-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** The same files, written at another time and with other modes of the one who builds. */
  function tree(name: string, time: number): string {
    const root = join(folder, name);
    mkdirSync(join(root, 'usr/lib'), { recursive: true });
    for (const file of ['usr/lib/b', 'usr/lib/a', `usr/lib/${'long'.repeat(40)}`]) {
      writeFileSync(join(root, file), `this is ${file}`);
      utimesSync(join(root, file), time, time);
    }
    return root;
  }

  function build(name: string, time: number): string {
    const out = join(folder, `${name}.oci`);
    const layout = new OciLayout(out);
    const layers = [layerOf(layout, tree(name, time), ['.'], 'test', facts)];
    const config = layout.json(mediaTypes.config, imageConfig(agent!, facts, 'arm64', layers));
    const manifest = layout.json(mediaTypes.manifest, imageManifest(config, layers));
    layout.finish('1.2.3', [{ ...manifest, platform: platformOf('arm64') }]);
    return out;
  }

  const read = (out: string, { digest }: Descriptor) =>
    readFileSync(join(out, 'blobs/sha256', digest.slice('sha256:'.length)));
  const value = (out: string, descriptor: Descriptor) => JSON.parse(read(out, descriptor).toString());
  const sha = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

  it('is a layout whose every blob is what its descriptor says', () => {
    const out = build('one', 1);
    expect(JSON.parse(readFileSync(join(out, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    const top = JSON.parse(readFileSync(join(out, 'index.json'), 'utf8'));
    const [first, second, ...more] = top.manifests;
    expect(first.annotations).toEqual({ 'org.opencontainers.image.ref.name': '1.2.3' });
    // One name, one descriptor; and no choice of a processor for tools that can't make one.
    expect(second.annotations).toEqual({ 'org.opencontainers.image.ref.name': '1.2.3-arm64' });
    expect(second.mediaType).toBe(mediaTypes.manifest);
    expect(more).toEqual([]);
    const index = value(out, top.manifests[0]);
    expect(index.manifests[0].platform).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
    const manifest = value(out, index.manifests[0]);
    const config = value(out, manifest.config);
    const named = [top.manifests[0], index.manifests[0], manifest.config, ...manifest.layers] as Descriptor[];
    for (const descriptor of named) {
      const bytes = read(out, descriptor);
      expect(sha(bytes)).toBe(descriptor.digest);
      expect(bytes.length).toBe(descriptor.size);
    }
    expect(readdirSync(join(out, 'blobs/sha256'))).toHaveLength(named.length);
    expect(config.rootfs.diff_ids).toEqual([sha(gunzipSync(read(out, manifest.layers[0])))]);
    expect(config.history).toHaveLength(manifest.layers.length);
  });

  it('has the same bytes whenever and wherever it is built', () => {
    const files = (out: string) => readdirSync(join(out, 'blobs/sha256')).sort();
    expect(files(build('one', 1))).toEqual(files(build('two', 1_700_000_000)));
  });

  it('is nobody’s on the host, keeps its state in a volume, and starts the program itself', () => {
    const config = imageConfig(agent!, facts, 'amd64', []) as { config: Record<string, unknown> };
    expect(config.config).toMatchObject({
      User: '10001:10001',
      Volumes: { '/var/lib/goshawk-agent': {} },
      Entrypoint: ['/usr/lib/goshawk-agent/bin/node', '/usr/lib/goshawk-agent/dist/src/cli/main.js'],
      Cmd: ['agent', '--config', '/etc/goshawk/agent.json'],
    });
    expect(config.config.ExposedPorts).toBeUndefined();
    expect(imageConfig(controller!, facts, 'amd64', [])).toMatchObject({
      config: { ExposedPorts: { '8080/tcp': {} } },
    });
  });

  it('names no device: what came of one image would be one device', () => {
    ownTree(join(folder, 'own'), agent!, facts);
    const settings = JSON.parse(readFileSync(join(folder, 'own/etc/goshawk/agent.json'), 'utf8'));
    expect(settings.device).toBeUndefined();
    expect(settings).toMatchObject({
      dataDir: '/var/lib/goshawk-agent',
      model: '/usr/lib/goshawk-agent/models/street',
    });
    expect(readFileSync(join(folder, 'own/etc/passwd'), 'utf8')).toContain('goshawk:x:10001:10001:');
  });

  it.each([
    ['usr/share/doc/libc6/copyright', true],
    ['etc/os-release', true],
    ['usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt', true],
    ['usr/share/doc/libc6/changelog.gz', false],
    ['usr/bin/mawk', false],
    ['etc/apt/sources.list', false],
    ['etc/resolv.conf', false],
    ['etc/hostname', false],
    ['var/lib/dpkg/status', false],
  ])('takes notices along: %s', (path, taken) => {
    expect(isNotice(path)).toBe(taken);
  });

  it.each([
    ['usr/bin/ffmpeg', true],
    ['usr/lib/goshawk-agent/bin/node', true],
    ['usr/lib/goshawk-agent/native/build/out/goshawk-engine-host', true],
    ['usr/lib/x86_64-linux-gnu/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner', true],
    ['usr/lib/goshawk-agent/dist/src/cli/main.js', false],
  ])('lets be executed what is started: %s', (path, may) => {
    expect(isProgram(path)).toBe(may);
  });

  it.each([
    ['usr/bin/tpm2_unseal', true],
    ['usr/lib/aarch64-linux-gnu/libtss2-tcti-device.so.0', true],
    ['usr/share/doc/tpm2-tools/copyright', false],
    ['usr/share/man/man1/tpm2.1.gz', false],
    ['var/lib/tpm', false],
  ])('takes of a package that was added what runs: %s', (path, taken) => {
    expect(isAdded(path)).toBe(taken);
  });
});

describe('Of Debian’s packages', () => {
  const triple = 'usr/lib/aarch64-linux-gnu';
  const tree = (linked: Record<string, readonly string[]>, links: Record<string, string> = {}) => ({
    paths: new Set(['usr/lib/ld-linux-aarch64.so.1', ...Object.keys(linked), ...Object.keys(links)]),
    target: (path: string) => links[path],
    needs: (path: string) => linked[path] ?? [],
  });

  it('an image holds what is wanted, where its links lead, and what that is linked against', () => {
    const { files, missing } = filesOf(
      ['usr/bin/ffmpeg', 'usr/lib/*/gstreamer-1.0/libgstlibav.so'],
      'arm64',
      tree(
        {
          'usr/bin/ffmpeg': ['libavcodec.so.61'],
          [`${triple}/gstreamer-1.0/libgstlibav.so`]: ['libavcodec.so.61'],
          [`${triple}/libavcodec.so.61.1`]: ['libc.so.6'],
          [`${triple}/libc.so.6`]: [],
          'usr/bin/perl': [],
          [`${triple}/libperl.so.5`]: [],
        },
        { [`${triple}/libavcodec.so.61`]: `${triple}/libavcodec.so.61.1` },
      ),
    );
    expect(missing).toEqual([]);
    expect(files).toEqual(
      [
        'usr/bin/ffmpeg',
        ...['gstreamer-1.0/libgstlibav.so', 'libavcodec.so.61', 'libavcodec.so.61.1', 'libc.so.6'].map(
          (name) => `${triple}/${name}`,
        ),
        'usr/lib/ld-linux-aarch64.so.1',
      ].sort(),
    );
  });

  it('a library in a folder of its own gets the link that its package’s script would have made', () => {
    const { files, links } = filesOf(
      ['usr/bin/ffmpeg'],
      'arm64',
      tree({ 'usr/bin/ffmpeg': ['liblapack.so.3'], [`${triple}/lapack/liblapack.so.3`]: [] }),
    );
    expect(files).toContain(`${triple}/lapack/liblapack.so.3`);
    expect([...links]).toEqual([[`${triple}/liblapack.so.3`, `${triple}/lapack/liblapack.so.3`]]);
  });

  it('a library that no package has is told, with who needs it', () => {
    const { missing } = filesOf(
      ['usr/bin/ffmpeg', 'usr/bin/ffprobe'],
      'arm64',
      tree({ 'usr/bin/ffmpeg': ['libgone.so.1'] }),
    );
    expect(missing).toEqual(['usr/bin/ffprobe (wanted)', `${triple}/libgone.so.1 (usr/bin/ffmpeg)`]);
  });

  it('the controller’s image holds no camera’s, the agent’s both middlewares of ROS 2, GStreamer and ffmpeg', () => {
    expect(contentsOf(controller!).packages).not.toContain('ffmpeg');
    expect(contentsOf(agent!).packages).toEqual(
      expect.arrayContaining(['ffmpeg', 'libddsc0t64', 'libfastdds3.1', 'gstreamer1.0-libav']),
    );
  });

  it('says in the image that it is a container', () => {
    const laid = mkdtempSync(join(tmpdir(), 'goshawk-laid-'));
    try {
      for (const path of [
        'usr/lib/goshawk-agent/bin/node',
        'usr/share/doc/goshawk-agent/copyright',
        'usr/share/doc/goshawk-agent/LICENSE.node.gz',
      ]) {
        mkdirSync(join(laid, path, '..'), { recursive: true });
        writeFileSync(join(laid, path), '');
      }
      programTree(laid, join(laid, 'image'), agent!);
      expect(placeOf(join(laid, 'image/usr/lib/goshawk-agent'))).toBe('container');
    } finally {
      rmSync(laid, { recursive: true });
    }
  });

  it('lists the packages of Debian that something in it comes from, and not those of a notice alone', () => {
    const one = (name: string, ...paths: readonly string[]) => ({
      ...{ name, version: '1', architecture: 'amd64' },
      paths: paths.map(placeInTree),
    });
    const packages = [
      one('libc6', './lib/x86_64-linux-gnu/libc.so.6', './usr/share/doc/libc6/copyright'),
      one('adduser', './usr/sbin/adduser', './usr/share/doc/adduser/copyright'),
    ];
    const files = [
      'usr/lib/x86_64-linux-gnu/libc.so.6',
      'usr/share/doc/libc6/copyright',
      'usr/share/doc/adduser/copyright',
    ];
    expect(packagesWith(packages, files)).toEqual([{ name: 'libc6', version: '1', architecture: 'amd64' }]);
  });

  it('leaves out links of an added package that lead to what its installation would make', () => {
    const links = new Map([
      ['usr/share/zoneinfo/localtime', 'etc/localtime'],
      ['usr/share/zoneinfo/Japan', 'usr/share/zoneinfo/Asia/Tokyo'],
    ]);
    const paths = new Set([...links.keys(), 'usr/share/zoneinfo/Asia/Tokyo']);
    const tree = { paths, target: (path: string) => links.get(path) };
    expect([...paths].filter((path) => leadsSomewhere(path, tree))).toEqual([
      'usr/share/zoneinfo/Japan',
      'usr/share/zoneinfo/Asia/Tokyo',
    ]);
  });

  it('has a list of its parts with those of Debian', () => {
    const createdAt = '2026-12-01T00:00:00.000Z';
    const subject = { type: 'application', 'bom-ref': 'a', name: 'a', version: '1' };
    const components = [npmComponent('mqtt', '5.0.0', 'MIT')];
    const debian = { name: 'libssl3t64', version: '3.5.1', architecture: 'amd64', licenses: ['Apache-2.0'] };
    const bill = withDebian(renderBill({ subject, createdAt, components }), [debian], 'trixie');
    expect(readBill(bill, 'x')).toEqual({
      subject,
      components: [debianComponent(debian, 'trixie'), ...components],
    });
    expect(JSON.parse(bill).metadata.timestamp).toBe(createdAt);
  });
});
