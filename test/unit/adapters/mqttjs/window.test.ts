import { describe, expect, it } from 'vitest';
import { Window } from '../../../../src/adapters/mqttjs/window.ts';

const settled = async (promise: Promise<void>) => {
  let state = 'waiting';
  promise.then(
    () => {
      state = 'in';
    },
    () => {
      state = 'out';
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return state;
};

describe('The window of unacknowledged messages', () => {
  it('lets as many in as the broker allows, the others in order as places become free', async () => {
    const window = new Window(2);
    await window.enter();
    await window.enter();
    const third = window.enter();
    const fourth = window.enter();
    expect(await settled(third)).toBe('waiting');
    window.leave();
    expect(await settled(third)).toBe('in');
    expect(await settled(fourth)).toBe('waiting');
    window.leave();
    expect(await settled(fourth)).toBe('in');
  });

  it('rejects who waits when the connection ends, and who comes after', async () => {
    const window = new Window(1);
    await window.enter();
    const waiting = window.enter();
    const told = expect(waiting).rejects.toThrow('gone');
    window.close(new Error('gone'));
    await told;
    await expect(window.enter()).rejects.toThrow('gone');
  });

  it('does not let a queue grow without end', async () => {
    const window = new Window(1, 1);
    await window.enter();
    void window.enter().catch(() => {});
    await expect(window.enter()).rejects.toMatchObject({ code: 'transport-busy' });
  });
});
