import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fleet } from '../../../src/dashboard/state/fleet.ts';

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000 });

/** A controller: a stream that `say` writes to, and lists that are answered when the test says so. */
class Controller {
  readonly asked: string[] = [];
  readonly #answers: ((body: unknown) => void)[] = [];
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  fetch = async (address: string): Promise<Response> => {
    if (address.includes('/stream'))
      return new Response(
        new ReadableStream({
          start: (stream) => {
            this.#stream = stream;
          },
        }),
      );
    this.asked.push(address.replace(/^.*\?/, ''));
    return Response.json(await new Promise((resolve) => this.#answers.push(resolve)));
  };

  say(event: string, data: unknown): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#stream?.enqueue(new TextEncoder().encode(text));
  }

  async answer(ids: readonly string[], rest: { next?: string; total: number }): Promise<void> {
    await eventually(() => expect(this.#answers).toHaveLength(1));
    this.#answers.shift()?.({ devices: ids.map((id) => ({ id, online: true })), ...rest });
  }
}

const shown = (fleet: Fleet): unknown => {
  const state = fleet.state.get();
  return state.phase === 'failed'
    ? state
    : [state.phase, ...state.devices.map(({ id, online }) => `${id} ${online}`)];
};

describe('Fleet', () => {
  let controller: Controller;
  let fleet: Fleet;

  beforeEach(async () => {
    controller = new Controller();
    vi.stubGlobal('fetch', controller.fetch);
    vi.stubGlobal('addEventListener', () => undefined);
    vi.stubGlobal('removeEventListener', () => undefined);
    fleet = new Fleet();
    fleet.start();
    await eventually(() => {
      controller.say('fleet', { fps: 1 });
      expect(controller.asked).toHaveLength(1);
    });
  });
  afterEach(() => {
    fleet.close();
    vi.unstubAllGlobals();
  });

  it('shows the first devices while the others are on their way', async () => {
    expect(shown(fleet)).toEqual(['loading']);
    await controller.answer(['a'], { next: 'a', total: 2 });
    await eventually(() => expect(shown(fleet)).toEqual(['loading', 'a true']));
    expect(fleet.state.get()).toMatchObject({ total: 2 });
    await controller.answer(['b'], { total: 2 });
    await eventually(() => expect(shown(fleet)).toEqual(['ready', 'a true', 'b true']));
    expect(controller.asked).toEqual(['limit=100', 'limit=1000&after=a']);
  });

  it('prefers an update that came while the list was loaded', async () => {
    await controller.answer(['a', 'b'], { next: 'b', total: 3 });
    await eventually(() => expect(controller.asked).toHaveLength(2));
    controller.say('device', { id: 'a', online: false });
    controller.say('device', { id: 'c', online: false });
    controller.say('device-deleted', { id: 'b' });
    await eventually(() => expect(fleet.device('c')).toBeDefined());
    await controller.answer(['c'], { total: 3 });
    await eventually(() => expect(shown(fleet)).toEqual(['ready', 'a false', 'c false']));
  });
});
