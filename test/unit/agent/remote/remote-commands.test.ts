import { describe, expect, it } from 'vitest';
import {
  LogRing,
  RemoteCommands,
  type RemoteRefusals,
  SupportBundles,
} from '../../../../src/agent/remote/index.ts';
import type { RestartTarget } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const no = { message: 'No.', remedy: 'Set it.' };

function commandsOf(refusals: RemoteRefusals = {}, { fails = false, bytes = new Uint8Array(300_000) } = {}) {
  const clock = new FakeClock();
  const restarted: RestartTarget[] = [];
  const events: string[] = [];
  let made = 0;
  const commands = new RemoteCommands({
    ...{ refusals, clock, session: () => 7 },
    reportEvent: ({ kind }) => void events.push(kind),
    restart: async (what) => {
      if (fails) throw new Error('no');
      restarted.push(what);
    },
    cameras: { kinds: [] } as never,
    added: {},
    log: new LogRing({ maxLines: 10, maxSize: 1_000, redact: (text) => text }),
    bundles: new SupportBundles({
      clock,
      newId: () => String(made).padStart(16, '0'),
      make: async () => {
        made += 1;
        return bytes;
      },
    }),
  });
  return { clock, restarted, events, commands, made: () => made };
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('Commands on the agent', () => {
  it.each([
    ['restart', { what: 'agent', session: 7 }, { restart: no }],
    ['restart', { what: 'board', session: 7 }, { reboot: no }],
    ['logs', { limit: 1 }, { logs: no }],
    ['bundle', { offset: 0 }, { bundle: no }],
  ] as const)(
    '%s %j is refused where the settings of the device say so, and only then',
    (name, request, refusals) => {
      const run = (given: RemoteRefusals) => {
        const { commands, clock } = commandsOf(given);
        clock.advance(60_000);
        return codeOf(() => (commands[name] as (asked: unknown) => unknown).call(commands, request));
      };
      expect(run(refusals)).toBe('remote-refused');
      expect(run({})).toBe('ok');
    },
  );

  it('restart it once, after the answer, for the session that was meant, and not right after its start', async () => {
    const { commands, clock, restarted } = commandsOf();
    expect(codeOf(() => commands.restart({ what: 'agent', session: 7 }))).toBe('restart-soon');
    clock.advance(60_000);
    expect(codeOf(() => commands.restart({ what: 'agent', session: 6 }))).toBe('restart-other-session');
    commands.answered('restart');
    expect(restarted).toEqual([]);
    commands.restart({ what: 'agent', session: 7 });
    expect(restarted).toEqual([]);
    expect(codeOf(() => commands.restart({ what: 'agent', session: 7 }))).toBe('restarting');
    commands.answered('logs');
    expect(restarted).toEqual([]);
    commands.answered('restart');
    expect(restarted).toEqual(['agent']);
  });

  it('tell that a board does not restart, and may try again', async () => {
    const { commands, clock, events } = commandsOf({}, { fails: true });
    clock.advance(60_000);
    commands.restart({ what: 'board', session: 7 });
    commands.answered('restart');
    await clock.pass(1);
    expect(events).toEqual(['agent.restarting', 'agent.restart-failed']);
    expect(codeOf(() => commands.restart({ what: 'board', session: 7 }))).toBe('ok');
  });

  it('are refused to whoever floods the device, for as long as he does', () => {
    const { commands, clock } = commandsOf();
    const codes = Array.from({ length: 100 }, () => codeOf(() => commands.logs({ limit: 1 })));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(60);
    expect(codes.at(-1)).toBe('remote-pace');
    clock.advance(30_000);
    expect(codeOf(() => commands.logs({ limit: 1 }))).toBe('ok');
  });

  it('make one support bundle for all who ask, give it in pieces, and make no other soon', async () => {
    const { commands, clock, made } = commandsOf();
    const { id } = commands.bundle({ offset: 0 });
    expect(commands.bundle({ offset: 0 })).toEqual({ id });
    await Promise.resolve();
    await Promise.resolve();
    let held = 0;
    for (let size = 1; held < size; ) {
      const piece = commands.bundle({ id, offset: held });
      size = piece.size!;
      held += Buffer.from(piece.data!, 'base64').byteLength;
    }
    expect(held).toBe(300_000);
    expect(codeOf(() => commands.bundle({ offset: 0 }))).toBe('bundle-soon');
    expect(made()).toBe(1);
    expect(codeOf(() => commands.bundle({ id: 'f'.repeat(16), offset: 0 }))).toBe('bundle-gone');
    clock.advance(600_000);
    expect(codeOf(() => commands.bundle({ id, offset: 0 }))).toBe('bundle-gone');
  });

  it('give no support bundle that is too large for the controller', async () => {
    const { commands } = commandsOf({}, { bytes: new Uint8Array(5_000_000) });
    const { id } = commands.bundle({ offset: 0 });
    await Promise.resolve();
    await Promise.resolve();
    expect(codeOf(() => commands.bundle({ id, offset: 0 }))).toBe('bundle-failed');
  });
});
