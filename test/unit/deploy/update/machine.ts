import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUpdateStatus, standingIn } from '../../../../src/adapters/updater/index.ts';

export const digestOf = (version: string) => `sha256:${Buffer.from(version).toString('hex').padEnd(64, '0')}`;

/** What changes the disk or the machine: before each of these the power may go. */
const counted = ['mv', 'rm', 'cp', 'ln', 'mkdir', 'dpkg', 'dpkg-deb', 'dpkg-repack', 'systemctl'];

/**
 * The helper on a machine of its own: real shell, real files; dpkg and systemd are short scripts. A package is a file that holds
 * its version; an agent whose version says `good` or `bad` gives that verdict as soon as it is installed.
 */
export class UpdateMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'goshawk-update-'));
  readonly environment: NodeJS.ProcessEnv;

  constructor(seconds = 1) {
    for (const folder of ['bin', 'state', 'agent/update', 'program/bin', 'program/update', 'units', 'image'])
      mkdirSync(join(this.root, folder), { recursive: true });
    const scripts = join(import.meta.dirname, '../../../../deploy/update');
    for (const name of ['run', 'states', 'package', 'system'])
      writeFileSync(join(this.root, 'program/update', name), readFileSync(join(scripts, name)));
    this.write('installed', '1.0.0');
    this.environment = {
      PATH: `${join(this.root, 'bin')}:/usr/bin:/bin`,
      MACHINE: this.root,
      TRIAL_SECONDS: String(seconds),
      GOSHAWK_UPDATE_STATE: join(this.root, 'state'),
      GOSHAWK_UPDATE_REQUESTS: join(this.root, 'agent/update'),
      GOSHAWK_UPDATE_PROGRAM: join(this.root, 'program'),
      GOSHAWK_UPDATE_UNITS: join(this.root, 'units'),
      GOSHAWK_UPDATE_IMAGE: join(this.root, 'image'),
    };
    for (const name of counted)
      this.program(`bin/${name}`, cut(`exec ${real[name] ?? `/usr/bin/${name}`} "$@"`));
    this.program(
      'bin/dpkg-query',
      'case "$3" in *Arch*) printf amd64 ;; *) cat "$MACHINE/installed" ;; esac',
    );
    this.program('bin/sync', 'exit 0');
    this.program('bin/sleep', 'exec /usr/bin/sleep 0.05');
    this.program('real-dpkg', dpkg);
    this.program('real-repack', repack);
    this.program(
      'real-deb',
      'for out; do :; done; cat "$5/version" > "$out"; cat "$5/etc/settings" > "$MACHINE/packed"',
    );
    this.program('real-systemctl', 'echo "$*" >> "$MACHINE/systemctl"');
    this.program('program/bin/node', take);
  }

  get installed(): string {
    return readFileSync(join(this.root, 'installed'), 'utf8').trim();
  }

  get state(): string {
    return this.text('state/state') ?? 'idle';
  }

  /** Settings in the package that was made of what was installed. */
  get packedSettings(): string | undefined {
    return this.text('packed');
  }

  get guarded(): boolean {
    return this.has('units/multi-user.target.wants/goshawk-update-guard.service');
  }

  /** What the agent reads of a version. */
  standing(version: string) {
    return standingIn(readUpdateStatus(this.text('state/status') ?? ''), digestOf(version));
  }

  /** What the owner has signed of a version. */
  sign(version: string, release: number): void {
    this.write(`signed-${digestOf(version)}`, `${version} ${release}`);
  }

  /** What lies there as a request, as the path unit starts it. */
  async request(power = Number.POSITIVE_INFINITY): Promise<boolean> {
    return this.run([join(this.root, 'program/update/run'), 'request'], power);
  }

  async ask(words: string, power = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.write('agent/update/request', `${words}\n`);
    return this.request(power);
  }

  /** The guard, as systemd starts it. */
  async guard(power = Number.POSITIVE_INFINITY): Promise<boolean> {
    return this.run([join(this.root, 'state/guard/run'), 'started'], power);
  }

  /** An update from its first to its last step; at which of them dpkg began, and not whole where the power went. */
  async update(
    version: string,
    power = Number.POSITIVE_INFINITY,
  ): Promise<{ whole: boolean; installedAt: number }> {
    this.write('steps', '0');
    const digest = digestOf(version);
    const whole =
      (await this.ask(`prepare ${digest}`, power)) &&
      (this.standing(version).kind !== 'prepared' ||
        ((await this.ask(`install ${digest}`, power)) && (await this.guard(power))));
    return { whole, installedAt: Number(this.text('installed-at')) };
  }

  /** The power is back: what systemd starts, then an agent that goes on with what its machine says nothing of. */
  async boot(version: string): Promise<void> {
    if (this.guarded) await this.guard();
    const { kind } = this.standing(version);
    if (kind === 'none' || kind === 'prepared') await this.update(version);
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  async run(args: readonly string[], power: number): Promise<boolean> {
    const child: ChildProcess = spawn('/bin/sh', [...args], {
      // A group of its own: the power goes for all of it.
      ...{ detached: true, stdio: 'ignore' },
      env: { ...this.environment, POWER: Number.isFinite(power) ? String(power) : '' },
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal === null;
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  text(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.root, path));
  }

  /** `whole`: it has its own first line. */
  program(path: string, text: string, whole?: 'whole'): void {
    writeFileSync(join(this.root, path), whole === undefined ? `#!/bin/sh\n${text}\n` : text);
    chmodSync(join(this.root, path), 0o755);
  }
}

const real: Readonly<Record<string, string>> = {
  dpkg: '"$MACHINE/real-dpkg"',
  'dpkg-repack': '"$MACHINE/real-repack"',
  'dpkg-deb': '"$MACHINE/real-deb"',
  systemctl: '"$MACHINE/real-systemctl"',
};

/** The tree of what is installed, with settings as they are. */
const repack = `tree=dpkg-repack.goshawk-agent.x
/usr/bin/mkdir -p $tree/DEBIAN $tree/etc && cat "$MACHINE/installed" > $tree/version
echo /etc/settings > $tree/DEBIAN/conffiles && echo mine > $tree/etc/settings`;

/** Counts, and takes the power away where it is time. */
export function cut(then: string): string {
  return `step=$(($(cat "$MACHINE/steps" 2>/dev/null || echo 0) + 1))
echo $step > "$MACHINE/steps"
if [ "$POWER" = $step ]; then kill -9 0; fi
${then}`;
}

/** Half installed first: the power may go there too. What says `broken` can't be installed. */
const dpkg = `case "$*" in *--configure*) exit 0 ;; esac
for deb; do :; done
version=$(cat "$deb")
case "$GOSHAWK_ALLOW_DOWNGRADE" in 1) ;; *) exit 1 ;; esac
echo half > "$MACHINE/installed"
[ -f "$MACHINE/installed-at" ] || /usr/bin/cp "$MACHINE/steps" "$MACHINE/installed-at"
${cut('case "$version" in *broken*) echo "trouble with it"; exit 1 ;; esac')}
printf %s "$version" > "$MACHINE/installed"
digest=$(head -n 1 "$MACHINE/state/next/name" | cut -d " " -f 1)
case "$version" in
  *good*) echo "$digest good" > "$MACHINE/agent/update/verdict" ;;
  *bad*) echo "$digest bad it sees nothing" > "$MACHINE/agent/update/verdict" ;;
esac
exit 0`;

/** \`goshawk release take\`: what nobody signed, and what is below the floor, is refused. */
const take = `digest=$4; while [ $# -gt 0 ]; do [ "$1" = --out ] && out=$2; shift; done
signed="$MACHINE/signed-$digest"
[ -f "$signed" ] || { echo "nobody signed it"; exit 1; }
read -r version release < "$signed"
floor=$(cat "$MACHINE/state/floor" 2>/dev/null || echo 0)
[ "$release" -ge "$floor" ] || { echo "below the release that has worked here"; exit 1; }
printf %s "$version" > "$out/artifact"; echo "$release" > "$out/release"; echo "$digest $version" > "$out/name"`;
