import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { AuditLog } from '../../../../src/controller/audit/audit-log.ts';
import { CommandExecutor } from '../../../../src/controller/audit/command-executor.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { admin } from '../../../fakes/test-fleet.ts';

let store: FakeStore;
let log: RecordingLog;
let audit: AuditLog;
let commands: CommandExecutor;
beforeEach(() => {
  store = new FakeStore();
  log = new RecordingLog();
  audit = new AuditLog({ store, clock: new FakeClock(), log });
  commands = new CommandExecutor(store, audit);
});

const deleting = (id: string, apply: () => void) => () => ({
  changes: [{ kind: 'token-deleted' as const, id }],
  apply,
});
const entries = () =>
  store.auditRows.map(({ actor, action, target, result }) => [actor, action, target, result]);

describe('A command', () => {
  it('is in the database with its entry before anything follows from it', async () => {
    const release = store.hold();
    let applied = false;
    const done = commands.execute(
      admin,
      'token.deleted',
      'a',
      {},
      deleting('a', () => {
        applied = true;
      }),
    );
    await settle();
    expect(applied).toBe(false);
    release();
    await done;
    expect(applied).toBe(true);
    expect(entries()).toEqual([['ann (t1)', 'token.deleted', 'a', 'ok']]);
  });

  it('is prepared when the one before it is done', async () => {
    const steps: string[] = [];
    const step = (name: string) =>
      commands.execute(admin, 'token.deleted', name, {}, () => {
        steps.push(`prepare ${name}`);
        return { changes: [], apply: () => steps.push(`apply ${name}`) };
      });
    await Promise.all([step('a'), step('b')]);
    expect(steps).toEqual(['prepare a', 'apply a', 'prepare b', 'apply b']);
  });

  it('that fails changes nothing, is in the audit log with its code, and holds up no other', async () => {
    const failing = commands.execute(admin, 'token.deleted', 'a', {}, () => {
      throw new InputError('wrong', 'Wrong.', 'Do it right.');
    });
    await expect(failing).rejects.toMatchObject({ code: 'wrong' });
    await commands.execute(
      admin,
      'token.deleted',
      'b',
      {},
      deleting('b', () => undefined),
    );
    expect(entries()).toEqual([
      ['ann (t1)', 'token.deleted', 'a', 'wrong'],
      ['ann (t1)', 'token.deleted', 'b', 'ok'],
    ]);
  });

  it('that follows from a message has no entry, and no commit where nothing changes', async () => {
    let applied = 0;
    await commands.executeUnaudited(deleting('a', () => applied++));
    await commands.executeUnaudited(() => ({ changes: [], apply: () => applied++ }));
    expect(entries()).toEqual([]);
    expect(store.commits).toHaveLength(1);
    expect(applied).toBe(1);
  });
});

describe('Work outside of the database', () => {
  it('has an entry when it is done, and when it failed', async () => {
    expect(await audit.record(admin, 'model.file', 'x', async () => 7)).toBe(7);
    const failing = audit.record(admin, 'model.file', 'y', () =>
      Promise.reject(new InputError('digest-mismatch', 'Other bytes.', 'Upload it again.')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(entries()).toEqual([
      ['ann (t1)', 'model.file', 'x', 'ok'],
      ['ann (t1)', 'model.file', 'y', 'digest-mismatch'],
    ]);
  });

  it('that fails is in the log where the audit log cannot be written either', async () => {
    store.commit = () => Promise.reject(new InputError('database-full', 'Full.', 'Make room.'));
    const failing = audit.record(admin, 'model.file', 'y', () => Promise.reject(new Error('first')));
    await expect(failing).rejects.toThrow('first');
    expect(log.at('error')).toMatchObject([
      ['A failed command could not be written to the audit', { target: 'y', actor: 'ann (t1)' }],
    ]);
  });
});

describe('The audit log', () => {
  it('is read newest first, page by page, to its first entry', async () => {
    for (const id of ['a', 'b', 'c']) await audit.recordForbidden(admin, 'GET', id);
    const first = await audit.list({ limit: 2 });
    expect(first.entries.map(({ target }) => target)).toEqual(['c', 'b']);
    const second = await audit.list({
      limit: 2,
      ...(first.next === undefined ? {} : { before: first.next }),
    });
    expect(second.entries.map(({ target }) => target)).toEqual(['a']);
    expect(second.next).toBeUndefined();
  });
});
