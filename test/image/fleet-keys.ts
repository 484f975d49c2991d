import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fleet, goshawk } from './fleet.ts';

/** The owners of a fleet, as docs/trust.md has them: one key, one signature. */
export class FleetKeys {
  readonly #folder: string;
  readonly #fleet: Fleet;

  constructor(folder: string, fleet: Fleet) {
    this.#folder = folder;
    this.#fleet = fleet;
    mkdirSync(folder, { recursive: true });
  }

  get #repository(): string {
    return join(this.#folder, 'trust.json');
  }

  get #key(): readonly string[] {
    return ['--key', join(this.#folder, 'anna.key'), '--passphrase-file', join(this.#folder, 'pass')];
  }

  make(): void {
    const file = (name: string) => join(this.#folder, name);
    writeFileSync(file('pass'), 'correct horse battery\n', { mode: 0o600 });
    goshawk('keys', 'create', file('anna.key'), '--passphrase-file', file('pass'));
    this.#fleet.goshawk('keys', 'online', '--out', file('online.pub'));
    const root = ['--root-key', file('anna.key.pub'), '--threshold', '1'];
    goshawk('keys', 'init', this.#repository, ...root, '--online-key', file('online.pub'));
    goshawk('keys', 'sign', this.#repository, ...this.#key);
  }

  /** A bundle; published. */
  sign(bundle: string, release: number): void {
    goshawk(
      'model',
      'sign',
      bundle,
      '--repository',
      this.#repository,
      ...this.#key,
      '--release',
      String(release),
    );
    this.#fleet.goshawk('keys', 'publish', this.#repository);
  }

  /** For first-boot, which gives it to root of the board. */
  anchor(file: string): void {
    goshawk('keys', 'anchor', this.#repository, '--out', file);
    spawnSync('chmod', ['644', file]);
  }
}
