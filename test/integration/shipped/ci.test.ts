import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { projectRoot } from '../goshawk.ts';

/** A checkout as CI has it, with `goshawk` on the PATH: a stand-in that notes its calls, or what `link` names. */
class Checkout {
  readonly folder = temporaryFolder();
  readonly bin = join(this.folder, 'bin');

  constructor() {
    mkdirSync(this.bin);
    symlinkSync(join(projectRoot, 'deploy'), join(this.folder, 'deploy'));
  }

  goshawk(text = 'exit 0'): this {
    const body = `#!/bin/sh\necho "$*" >>"${this.folder}/calls"\n${text}\n`;
    writeFileSync(join(this.bin, 'goshawk'), body, { mode: 0o755 });
    return this;
  }

  link(file: string): this {
    symlinkSync(file, join(this.bin, 'goshawk'));
    return this;
  }

  calls(): readonly string[] {
    const file = join(this.folder, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** With nothing of the environment of the test. */
  run(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const [program = '', ...args] = command;
    const ran = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { PATH: `${this.bin}:${process.env.PATH}`, HOME: this.folder, ...environment },
      // A net for what calls itself.
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    expect(ran.error, ran.stderr).toBeUndefined();
    return ran;
  }
}

const release = ['deploy/ci/release-model.sh', 'build/street', 'street-2.1', 'rollouts/street.yaml'];
const gates = { HELDOUT: 'data', MIN_MAP: '0.55' };

describe('deploy/ci/release-model.sh, as it is shipped,', () => {
  it('goes every step of the way, in its order', () => {
    const checkout = new Checkout().goshawk();
    const ran = checkout.run(release, gates);
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
    expect(checkout.calls()).toEqual([
      'model check build/street',
      'model evaluate build/street --images data/images --labels data/labels --min-map 0.55',
      'model push build/street',
      'rollout create street-2.1 -f rollouts/street.yaml --dry-run',
      'rollout create street-2.1 -f rollouts/street.yaml',
      'rollout wait street-2.1 --timeout 24h',
    ]);
  });

  it('makes the bundle and signs it where that is asked for', () => {
    const checkout = new Checkout().goshawk();
    const more = { MODEL: 'a.onnx', OPTIMIZE: '--name street', SIGN_REPOSITORY: 'r.json', SIGN_KEY: 'k' };
    expect(checkout.run(release, { ...gates, ...more, WAIT: '1h' }).status).toBe(0);
    expect(checkout.calls()).toEqual(
      expect.arrayContaining([
        'model optimize a.onnx --name street --out build/street',
        'model sign build/street --repository r.json --key k',
        'keys publish r.json',
        'rollout wait street-2.1 --timeout 1h',
      ]),
    );
  });

  it.each(['model check', 'model evaluate', 'model push', 'rollout wait'])(
    'ends with the status of `goshawk %s`, and does nothing after it',
    (gate) => {
      const checkout = new Checkout().goshawk(`case "$*" in "${gate}"*) exit 3 ;; esac`);
      expect(checkout.run(release, gates).status).toBe(3);
      expect(checkout.calls().at(-1)).toContain(gate);
    },
  );

  it.runIf(existsSync(join(projectRoot, 'dist/src/cli/main.js')))('finds the program that is built', () => {
    const checkout = new Checkout().link(join(projectRoot, 'deploy/launcher/goshawk.cjs'));
    const ran = checkout.run(release, gates);
    expect(ran.stdout).toContain('== golden set of build/street');
    // Its own words about a bundle that is not there.
    expect(ran.stderr).toMatch(/build\/street/);
    expect(ran.status).toBeGreaterThan(0);
    expect(ran.status).toBeLessThan(126);
  });
});

describe('deploy/ci/fetch-frames.sh, as it is shipped,', () => {
  const fetch = ['deploy/ci/fetch-frames.sh', 'frames', 'cam-7', 'cam-9'];
  const picture = `mkdir -p made && : >made/1.jpg && tar -cf "$5" -C made .`;

  it('fetches the frames of each device and runs what trains', () => {
    const checkout = new Checkout().goshawk(picture);
    const ran = checkout.run(fetch, { RETRAIN: 'ls' });
    expect(ran, ran.stderr).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout.trim().split('\n')).toEqual(['cam-7', 'cam-7.tar', 'cam-9', 'cam-9.tar']);
    expect(checkout.calls()).toEqual([
      'frame export cam-7 --out frames/cam-7.tar',
      'frame export cam-9 --out frames/cam-9.tar',
    ]);
  });

  it('trains nothing where there is no frame', () => {
    const checkout = new Checkout().goshawk('mkdir -p made && tar -cf "$5" -C made .');
    expect(checkout.run(fetch, { RETRAIN: 'false' }).status).toBe(0);
  });
});

interface Workflow {
  readonly jobs: Record<
    string,
    { readonly steps: { readonly run?: string; readonly env?: Record<string, string> }[] }
  >;
}

describe('deploy/ci/example.yaml', () => {
  it('runs the script with what it needs, as GitHub runs a step', () => {
    const text = readFileSync(join(projectRoot, 'deploy/ci/example.yaml'), 'utf8');
    const steps = Object.values((parse(text) as Workflow).jobs).flatMap((job) => job.steps);
    const commands = steps.filter(({ run }) => run !== undefined);
    expect(commands).toHaveLength(1);
    for (const { run = '', env = {} } of commands) {
      const checkout = new Checkout().goshawk();
      writeFileSync(join(checkout.folder, 'step.sh'), run);
      const filled = Object.entries(env).map(([name, value]) => [
        name,
        value.replace(/\$\{\{.*\}\}/, 'token'),
      ]);
      const ran = checkout.run(['bash', '-e', 'step.sh'], {
        ...Object.fromEntries(filled),
        GITHUB_REF_NAME: 'street-2.1.0',
      });
      expect(ran, ran.stderr).toMatchObject({ status: 0, stderr: '' });
      expect(checkout.calls()[0]).toMatch(
        /^model optimize street\.onnx --labels labels\.txt .* --out build\/street$/,
      );
      expect(checkout.calls().at(-1)).toBe('rollout wait street-2.1.0 --timeout 24h');
    }
  });
});
