import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { baseTar, run, work } from './debian.ts';

/* Ten machines in light containers: one Debian below them, each with its own changes above it, all on one loopback. */

const template = join(work, 'root-ten');

/** A Debian 13 with the agent's package installed; needs the way to Debian's packages. */
export function makeTemplate(debs: string): string {
  rmSync(template, { recursive: true, force: true });
  mkdirSync(template, { recursive: true });
  run('tar', ['xf', baseTar('trixie', 'amd64'), '-C', template]);
  cpSync('/etc/resolv.conf', join(template, 'etc/resolv.conf'), { dereference: true });
  run('chroot', [template, 'apt-get', 'install', '-y', '-q', '--no-install-recommends', 'dpkg-repack']);
  rmSync(join(template, 'etc/resolv.conf'));
  const deb = readdirSync(debs).find((name) => /^goshawk-agent_0\.1\.0_.*\.deb$/.test(name)) ?? '';
  cpSync(join(debs, deb), join(template, 'opt', deb));
  run('chroot', [template, 'dpkg', '--install', `/opt/${deb}`]);
  rmSync(join(template, 'opt', deb));
  // Ten of it would want one port.
  symlinkSync('/dev/null', join(template, 'etc/systemd/system/mosquitto.service'));
  return template;
}

export interface TenBoardsFiles {
  readonly claim: string;
  readonly root: string;
}

export class BoardInContainer {
  readonly name: string;
  readonly #place: string;
  #container: ChildProcess | undefined;

  constructor(index: number, folder: string, { claim, root }: TenBoardsFiles) {
    this.name = `board-${index}`;
    this.#place = join(folder, this.name);
    for (const one of ['upper', 'work', 'merged']) mkdirSync(join(this.#place, one), { recursive: true });
    const layers = `lowerdir=${template},upperdir=${this.#place}/upper,workdir=${this.#place}/work`;
    run('mount', ['-t', 'overlay', 'overlay', '-o', layers, this.#at('')]);
    const settings = {
      ...{ device: this.name, dataDir: '/var/lib/goshawk-agent' },
      model: '/usr/lib/goshawk-agent/models/street',
      // Ten share two cores.
      cameras: { street: { source: 'sim', fps: 1 } },
      prometheus: { host: '127.0.0.1', port: 9500 + index },
      enrolment: { claimFile: '/etc/goshawk/claim.token' },
      trust: { rootFile: '/etc/goshawk/root.json' },
      probationSeconds: 5,
    };
    writeFileSync(this.#at('etc/goshawk/agent.json'), JSON.stringify(settings));
    for (const [from, to] of [
      [claim, 'claim.token'],
      [root, 'root.json'],
    ] as const) {
      cpSync(from, this.#at(`etc/goshawk/${to}`));
      spawnSync('chmod', ['644', this.#at(`etc/goshawk/${to}`)]);
    }
    writeFileSync(this.#at('etc/default/goshawk-update'), 'TRIAL_SECONDS=180\n');
    writeFileSync(this.#at('etc/hostname'), `${this.name}\n`);
    writeFileSync(this.#at('etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
  }

  start(): void {
    const options = [
      '--quiet',
      '--keep-unit',
      '--register=no',
      '--console=pipe',
      '--resolv-conf=off',
      '--timezone=off',
    ];
    this.#container = spawn(
      'systemd-nspawn',
      [
        ...options,
        '--link-journal=no',
        `--machine=ten-${this.name}`,
        `--directory=${this.#at('')}`,
        '--boot',
      ],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
  }

  /** By dpkg. */
  get version(): string {
    const text = readFileSync(this.#at('var/lib/dpkg/status'), 'utf8');
    return /^Package: goshawk-agent\n(?:.+\n)*?Version: (.*)$/m.exec(text)?.[1] ?? '';
  }

  /** One line of what the helper tells the agent. */
  status(field: string): string {
    const file = this.#at('var/lib/goshawk-update/status');
    return (
      new RegExp(`^${field}=(.*)$`, 'm').exec(existsSync(file) ? readFileSync(file, 'utf8') : '')?.[1] ?? ''
    );
  }

  stop(): void {
    this.#container?.kill('SIGKILL');
  }

  #at(path: string): string {
    return join(this.#place, 'merged', path);
  }
}
