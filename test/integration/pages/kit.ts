import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../goshawk.ts';

const models = join(projectRoot, 'models');

/** What the reader of a page has in his folder: a checkout, and bundles, pictures and recordings under the names of the pages. */
export class Kit {
  readonly folder: string;
  /** When the page began, or its last wait for an agent ended. */
  sinceMs = Date.now();

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of ['models', 'node_modules', 'src', 'deploy'])
      symlinkSync(join(projectRoot, name), join(folder, name));
    // An answer that is an error ends curl with a status; a device that is busy now is asked again.
    writeFileSync(join(folder, '.curlrc'), 'fail-with-body\nretry = 5\n');
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** A copy of a bundle of this repository under another name and version; without budgets, which no busy machine keeps. */
  bundle(folder: string, { from = 'street-lean', name = 'street', version = '1.0.0' } = {}): void {
    cpSync(join(models, from), this.path(folder), { recursive: true });
    const file = this.path(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(
      file,
      `${JSON.stringify({ ...manifest, name, version, budgets: undefined }, undefined, 2)}\n`,
    );
  }

  write(file: string, text: string | Uint8Array): void {
    mkdirSync(join(this.path(file), '..'), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  copy(from: string, to: string): void {
    mkdirSync(join(this.path(to), '..'), { recursive: true });
    cpSync(from, this.path(to), { recursive: true });
  }

  /** A moving test picture. */
  video(file: string, { seconds = 2, rate = 5 } = {}): void {
    const picture = `testsrc=duration=${seconds}:size=320x180:rate=${rate}`;
    ran('ffmpeg', [
      '-loglevel',
      'error',
      '-f',
      'lavfi',
      '-i',
      picture,
      '-pix_fmt',
      'yuv420p',
      this.path(file),
    ]);
  }

  /** A Debian package without files. */
  package(file: string, fields: { name: string; version: string; architecture: string }): void {
    const { name, version, architecture } = fields;
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: test <test@example.org>\nDescription: test\n`;
    this.write(`${file}.folder/DEBIAN/control`, control);
    ran('dpkg-deb', ['--root-owner-group', '-b', this.path(`${file}.folder`), this.path(file)]);
  }

  /** The update of a flashed board, as `goshawk image build` writes it, without a system in it. */
  raucb(file: string, board: string, version: string): void {
    const folder = `${file}.folder`;
    const manifest = `[update]\ncompatible=${board}\nversion=${version}\n[bundle]\nformat=verity\n[image.rootfs]\nfilename=root.img\n`;
    this.write(`${folder}/manifest.raucm`, manifest);
    this.write(`${folder}/root.img`, randomBytes(65_536));
    const [key, certificate] = [this.path(`${file}.key`), this.path(`${file}.crt`)];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test'];
    ran('openssl', [...request, '-keyout', key, '-out', certificate]);
    ran('rauc', ['bundle', `--cert=${certificate}`, `--key=${key}`, this.path(folder), this.path(file)]);
  }

  /** Pictures of the simulated street with their labels: `images/` and `labels/`. */
  pictures(folder: string, { count, seed }: { count: number; seed: number }): void {
    const script = join(models, 'street/render.ts');
    const options = [
      '--count',
      String(count),
      '--seed',
      String(seed),
      '--jpeg',
      '90',
      '--yolo',
      this.path(folder),
    ];
    ran(process.execPath, ['--import', 'tsx', script, ...options]);
  }
}

function ran(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: projectRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
