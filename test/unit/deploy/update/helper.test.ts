import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, UpdateMachine } from './machine.ts';

/* The helper that installs releases of the agent: its table, each end, and the power that goes at each step. */

const folder = join(import.meta.dirname, '../../../../deploy/update');
const rows = readFileSync(join(folder, 'states'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(/ +/) as [state: string, event: string, next: string, action: string]);

/** What `package` and `system` both have to know. */
const steps = [
  ...['release_name', 'running', 'is_possible', 'is_kept', 'keep_running', 'lay', 'set_guard', 'unset_guard'],
  ...['install', 'resume', 'is_running', 'approve', 'go_back'],
];

describe('the table of states', () => {
  const states = new Set(rows.flatMap(([state, , next]) => [state, next]));
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const functions = (name: string) =>
    [...text(name).matchAll(/^([a-z_]+)\(\) \{/gm)].map(([, one = '']) => one);

  it.each(['package', 'system'])(
    'has one row for a pair, and each action is one of the script with %s',
    (kind) => {
      expect(new Set(rows.map(([state, event]) => `${state} ${event}`)).size).toBe(rows.length);
      const known = [...functions('run'), ...functions(kind)];
      for (const [, , , action] of rows) expect(known).toContain(action);
      // Each step that the script leaves to the kind is there.
      for (const step of steps) expect(functions(kind)).toContain(step);
    },
  );

  it('goes on after a power cut in every state, and from every state to idle', () => {
    for (const state of states)
      expect(
        rows.some(([from, event]) => from === state && event === 'started'),
        state,
      ).toBe(true);
    const reached = new Set(['idle']);
    for (let before = 0; before !== reached.size; ) {
      before = reached.size;
      for (const [from, , next] of rows) if (reached.has(next)) reached.add(from);
    }
    expect(reached).toEqual(states);
  });

  it('installs only after the guard is armed, and never beside a version on trial', () => {
    for (const [from, , next] of rows)
      if (next === 'installing') expect(['arming', 'installing']).toContain(from);
    for (const [from, event] of rows)
      if (event === 'prepare') expect(['idle', 'taking', 'prepared']).toContain(from);
  });
});

describe('an update of the agent', () => {
  let machine: UpdateMachine;
  beforeEach(() => {
    machine = new UpdateMachine();
    for (const [version, release] of [
      ['2.0.0-good', 2],
      ['2.0.0-bad', 2],
      ['2.0.0-silent', 2],
      ['2.0.0-broken', 2],
      ['3.0.0-good', 3],
    ] as const)
      machine.sign(version, release);
  });
  afterEach(() => machine.close());

  const ends = [
    ['2.0.0-good', '2.0.0-good', 'kept', ''],
    ['2.0.0-bad', '1.0.0', 'back', 'it sees nothing'],
    ['2.0.0-silent', '1.0.0', 'back', 'It did not show within 1 s that it works.'],
    ['2.0.0-broken', '1.0.0', 'back', 'It cannot be installed: trouble with it'],
  ] as const;

  it.each(ends)('%s: %s runs in the end, and the agent is told', async (version, runs, kind, reason) => {
    await machine.update(version);
    expect(machine.installed).toBe(runs);
    expect(machine.state).toBe('idle');
    expect(machine.guarded).toBe(false);
    const standing = machine.standing(version);
    expect(standing.kind).toBe(kind);
    if ('reason' in standing) expect(standing.reason.trim()).toBe(reason);
  });

  it('packs settings so that the next version does not take them for those of the package', async () => {
    await machine.update('2.0.0-good');
    expect(machine.packedSettings).toBe('mine\n# Kept by goshawk-update.');
  });

  it('refuses unsigned files, and changes nothing', async () => {
    await machine.update('4.0.0-good');
    expect(machine.installed).toBe('1.0.0');
    expect(machine.standing('4.0.0-good')).toEqual({ kind: 'refused', reason: 'nobody signed it' });
    expect(machine.guarded).toBe(false);
  });

  it('refuses to install what was not prepared', async () => {
    await machine.ask(`install ${digestOf('2.0.0-good')}`);
    expect(machine.standing('2.0.0-good').kind).toBe('refused');
    expect(machine.installed).toBe('1.0.0');
  });

  it('takes an older release only where it is the one before', async () => {
    await machine.update('2.0.0-good');
    await machine.update('3.0.0-good');
    await machine.update('2.0.0-bad');
    expect(machine.installed).toBe('3.0.0-good');
    expect(machine.standing('2.0.0-bad').kind).toBe('refused');
    await machine.update('2.0.0-good');
    expect(machine.installed).toBe('2.0.0-good');
  });

  it('leaves a request that cannot be read, and one beside a trial', async () => {
    await machine.ask('prepare sha256:../../etc/passwd');
    expect(machine.state).toBe('idle');
    expect(machine.installed).toBe('1.0.0');
  });

  // What comes before the installation is the same for all; a silent one differs from a bad one in its reason alone.
  it.each([
    ['2.0.0-good', 'from the first step on', true],
    ['2.0.0-bad', 'from the installation on', false],
    ['2.0.0-broken', 'from the installation on', false],
  ] as const)(
    '%s: whenever the power goes, %s, a whole version runs in the end, the agent is told, and no guard is left',
    { timeout: 900_000 },
    async (version, _from, all) => {
      const { installedAt } = await machine.update(version);
      let cuts = 0;
      for (let power = all ? 1 : installedAt; ; power++) {
        const other = new UpdateMachine();
        try {
          other.sign(version, 2);
          const { whole } = await other.update(version, power);
          if (whole) break;
          cuts += 1;
          await other.boot(version);
          const at = `power went before step ${power}`;
          const standing = other.standing(version);
          const kept = version === '2.0.0-good' && standing.kind === 'kept';
          expect(['kept', 'back'], at).toContain(standing.kind);
          expect(other.installed, at).toBe(kept ? version : '1.0.0');
          expect({ state: other.state, guarded: other.guarded }, at).toEqual({
            state: 'idle',
            guarded: false,
          });
          // Only in the middle of dpkg the version before is the end of a good one.
          if (version === '2.0.0-good' && !kept)
            expect(standing, at).toMatchObject({ reason: expect.stringContaining('went off') });
        } finally {
          other.close();
        }
      }
      expect(cuts).toBeGreaterThan(all ? 40 : 10);
    },
  );
});
