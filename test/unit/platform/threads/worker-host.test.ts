import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import { moduleUrl, WorkerHost } from '../../../../src/platform/index.ts';
import { errors, type Family } from './error-samples.ts';
import type { TestThread } from './test-thread.ts';

type Host = WorkerHost<TestThread>;

const heard: string[] = [];
const hosts: Host[] = [];
afterEach(async () => {
  heard.length = 0;
  for (const host of hosts.splice(0)) await host.terminate();
});

function start(data: TestThread['data'] = {}): Host {
  const host = new WorkerHost<TestThread>({
    module: moduleUrl('./test-thread', import.meta.url),
    name: 'goshawk-test',
    data,
    what: 'The work',
    death: (why, cause) => new GoshawkError('died', `The thread died: ${why}.`, 'Start it again.', { cause }),
    onNotice: { heard: (text) => heard.push(text) },
  });
  hosts.push(host);
  return host;
}

/** What a promise was rejected with. */
const failure = (work: Promise<unknown>): Promise<GoshawkError> =>
  work.then(
    (value) => expect.unreachable(`it gave ${String(value)}`),
    (error: GoshawkError) => error,
  );

describe('A thread that lives', () => {
  it('gives every call its own answer, in whichever order they come', async () => {
    const host = start();
    const first = host.call('hold', 1);
    const second = host.call('hold', 2);
    const done: string[] = [];
    void first.then((answer) => done.push(answer));
    void second.then((answer) => done.push(answer));
    await host.call('release', 2);
    expect(await second).toBe('released 2');
    expect(done).toEqual(['released 2']);
    host.send('release', 1);
    expect(await first).toBe('released 1');
  });

  it('is asked before it has started', async () => {
    const host = start();
    const early = host.call('echo', { nested: [1, 'two', null] });
    await host.ready;
    expect(await early).toEqual({ nested: [1, 'two', null] });
  });

  it('refuses with an error of the same class, code, message and remedy, and goes on', async () => {
    const host = start();
    for (const [family, make] of Object.entries(errors)) {
      const { name, code, message, remedy } = make();
      const error = await failure(host.call('refuse', family as Family));
      expect(error).toBeInstanceOf(make().constructor);
      expect(error).toMatchObject({ name, code, message, remedy });
    }
    expect(host.alive).toBe(true);
    expect(await host.call('echo', 1)).toBe(1);
  });

  it('has what is no GoshawkError explained', async () => {
    const error = await failure(start().call('throwText', 'no idea'));
    expect(error).toMatchObject({ name: 'InternalError', code: 'explained', message: 'Explained: no idea.' });
  });

  it('says things by itself', async () => {
    const host = start();
    host.send('repeat', 'one');
    host.send('repeat', 'two');
    await host.call('echo', 0);
    expect(heard).toEqual(['one', 'two']);
  });

  it('shares memory and is given memory away, and copies nothing of either', async () => {
    const host = start();
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    await host.call('fill', shared);
    expect([...shared]).toEqual([7, 7, 7]);
    const given = Uint8Array.of(1, 2, 3);
    const back = await host.call('giveAway', given, [given.buffer]);
    expect(given.byteLength).toBe(0);
    expect([...back]).toEqual([1, 2, 3]);
  });

  it('refuses a request or an answer that can’t be cloned, and goes on', async () => {
    const host = start();
    await expect(host.call('echo', () => {})).rejects.toThrow(/could not be cloned/);
    expect(await failure(host.call('answerFunction'))).toMatchObject({ code: 'explained' });
    expect(await host.call('echo', 1)).toBe(1);
  });
});

describe('A thread that dies', () => {
  it('rejects all that waits and all that comes later with the same words, and its close resolves', async () => {
    const host = start();
    const waiting = [failure(host.call('hold', 1)), failure(host.call('hold', 2))];
    // Its answer may be lost with the thread.
    await host.call('dieLater', 'out of luck').catch(() => {});
    for (const error of await Promise.all(waiting))
      expect(error).toMatchObject({ code: 'died', message: 'The thread died: out of luck.' });
    expect(host.alive).toBe(false);
    expect(await failure(host.call('echo', 1))).toBe(host.failure);
    expect(host.failure?.cause).toMatchObject({ message: 'out of luck' });
    host.send('repeat', 'nobody hears it');
    await host.close();
  });

  it('without an error names its exit code', async () => {
    const error = await failure(start().call('exit', 3));
    expect(error).toMatchObject({ code: 'died', message: 'The thread died: it ended with exit code 3.' });
  });

  it('by an error that nobody explains says that error', async () => {
    const host = start({ explains: false });
    const other = failure(host.call('hold', 1));
    expect(await failure(host.call('throwText', 'a defect'))).toMatchObject({
      code: 'died',
      message: 'The thread died: a defect.',
    });
    expect(await other).toBe(host.failure);
  });

  it('by a message without an answer says what that threw', async () => {
    const host = start();
    const waiting = failure(host.call('hold', 1));
    host.send('fail', 'nobody waits for this');
    expect(await waiting).toMatchObject({ code: 'explained', message: 'Explained: nobody waits for this.' });
    expect(await failure(host.call('echo', 1))).toBe(host.failure);
    await host.close();
  });
});

describe('A thread that can’t start', () => {
  it('says why, in its own error', async () => {
    const host = start({ start: 'refused' });
    const call = failure(host.call('echo', 1));
    const error = await failure(host.ready);
    expect(error).toMatchObject({ name: 'LimitError', code: 'e-code', remedy: 'Do e.' });
    expect(await call).toBe(error);
  });

  it('says why where its module is not there', async () => {
    const host = new WorkerHost<TestThread>({
      module: moduleUrl('./no-such-thread', import.meta.url),
      ...{ name: 'goshawk-test', data: {}, what: 'The work' },
      death: (why) => new GoshawkError('died', why, 'Start it again.'),
    });
    hosts.push(host);
    expect((await failure(host.ready)).message).toMatch(/no-such-thread/);
  });

  it('leaves nobody waiting who asked for a started one', async () => {
    const options = {
      module: moduleUrl('./test-thread', import.meta.url),
      ...{ name: 'goshawk-test', data: { start: 'broken' as const, explains: false as const } },
      what: 'The work',
      death: (why: string) => new GoshawkError('died', why, 'Start it again.'),
    };
    expect(await failure(WorkerHost.start<TestThread>(options))).toMatchObject({
      code: 'died',
      message: 'it does not start',
    });
  });
});

describe('A thread that is closed', () => {
  it('finishes what it was asked before, tidies up, and takes nothing more', async () => {
    const host = start();
    const waiting = host.call('hold', 1);
    host.send('release', 1);
    const closed = host.close();
    expect(host.alive).toBe(false);
    expect(await failure(host.call('echo', 1))).toMatchObject({
      code: 'cancelled',
      message: 'The work was cancelled.',
    });
    host.send('repeat', 'too late');
    await closed;
    expect(await waiting).toBe('released 1');
    expect(heard).toEqual(['closed']);
  });

  it('may be closed twice, and ended after that', async () => {
    const host = start();
    await Promise.all([host.close(), host.close()]);
    await host.terminate();
    await host.close();
    expect(heard).toEqual(['closed']);
  });

  it('says what went wrong while it tidied up, and is gone', async () => {
    const host = start({ tidyUp: 'throws' });
    expect(await failure(host.close())).toMatchObject({ code: 'explained', message: /it is not tidy/ });
    expect(await failure(host.call('echo', 1))).toMatchObject({ code: 'cancelled' });
  });

  it('cancels what waits where it is ended at once', async () => {
    const host = start();
    await host.ready;
    const waiting = failure(host.call('hold', 1));
    await Promise.all([host.terminate(), host.terminate()]);
    expect(await waiting).toMatchObject({ name: 'CancelledError', message: 'The work was cancelled.' });
    expect(await failure(host.call('echo', 1))).toMatchObject({ code: 'cancelled' });
  });

  it('can be ended before it has started', async () => {
    const host = start();
    const ready = failure(host.ready);
    await host.terminate();
    expect(await ready).toMatchObject({ code: 'cancelled' });
  });
});

describe('A process with a thread', () => {
  it.each([
    ['while-asked', 'answered x\n'],
    ['never', 'asked\n'],
  ])('does not wait for one that holds it %s', (holds, said) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'test/unit/platform/threads/ask-and-end.ts', holds],
      { encoding: 'utf8', timeout: 120_000 },
    );
    expect(stderr).toBe('');
    expect([status, stdout]).toEqual([0, said]);
  });
});
