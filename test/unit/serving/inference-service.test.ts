import { describe, expect, it } from 'vitest';
import { CancelledError, InputError } from '../../../src/base/index.ts';
import type { Image, Inference } from '../../../src/perception/index.ts';
import { settle } from '../../fakes/fake-clock.ts';
import { car } from '../perception/fakes.ts';
import { answerOf, rgbInput, serve } from './served.ts';

const request = { model: 'street', parameters: {}, inputs: [rgbInput] };
const file = {
  ...{ name: 'image', datatype: 'BYTES', shape: [1] },
  content: { kind: 'values', values: ['AAAA'] },
} as const;
const never = <T>() => new Promise<T>(() => {});

describe('A request', () => {
  it('is answered with what the model found, under the names of the protocol', async () => {
    const { service } = serve();
    const answer = await service.infer({ ...request, id: '42' });
    expect(answer).toMatchObject({ model: 'street', version: '1.0.0', id: '42' });
    expect(answer.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['boxes', [1, 4]],
      ['scores', [1]],
      ['classes', [1]],
      ['labels', [1]],
    ]);
    expect(answer.outputs[3]!.values).toEqual([car(10).label]);
  });

  it('may name the outputs that it wants', async () => {
    const { service } = serve();
    const { outputs } = await service.infer({ ...request, outputs: ['labels', 'boxes'] });
    expect(outputs.map(({ name }) => name)).toEqual(['labels', 'boxes']);
    await expect(service.infer({ ...request, outputs: ['masks'] })).rejects.toMatchObject({
      message: 'The model has no output "masks".',
    });
  });

  it('asks with its own thresholds', async () => {
    const { service, asked } = serve();
    const parameters = { score_threshold: 0.4, max_detections: '5', classes: 'car, person', priority: 3 };
    await service.infer({ ...request, parameters });
    expect(asked[0]![2]).toMatchObject({ scoreThreshold: 0.4, maxDetections: 5, classes: ['car', 'person'] });
  });

  it.each([
    [{ score_threshold: 1.1 }, 'The parameter score_threshold is 1.1.'],
    [{ iou_threshold: 'much' }, 'The parameter iou_threshold is "much".'],
    [{ max_detections: 0.5 }, 'The parameter max_detections is 0.5.'],
    [{ score_threshold: '' }, 'The parameter score_threshold is "".'],
    [{ classes: 'cat' }, 'The model street has no class "cat".'],
  ])('with %o is refused', async (parameters, message) => {
    const { service, asked } = serve();
    await expect(service.infer({ ...request, parameters })).rejects.toMatchObject({ message });
    expect(asked).toEqual([]);
  });

  it('for a model or a version that does not serve says what does', async () => {
    const { service } = serve();
    for (const wrong of [{ model: 'yard' }, { version: '2.0.0' }])
      await expect(service.infer({ ...request, ...wrong })).rejects.toMatchObject({
        code: 'request-model',
        remedy: 'It runs street 1.0.0.',
      });
    expect([service.serves('street'), service.serves('street', '2.0.0')]).toEqual([true, false]);
  });

  it('is answered by the version that answered, though another one was there when it came', async () => {
    const swapped: Inference = { ...answerOf([]), identity: { ...answerOf([]).identity, version: '2.0.0' } };
    const { service } = serve({ infer: async () => swapped });
    expect((await service.infer(request)).version).toBe('2.0.0');
  });

  it('that waits too long is told so, and is not looked at any more', async () => {
    let given: AbortSignal | undefined;
    const { service, clock } = serve({
      infer: (_slot, _frame, _settings, signal) => {
        given = signal;
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new CancelledError('The question'))),
        );
      },
    });
    const answer = expect(service.infer(request)).rejects.toMatchObject({
      code: 'request-late',
      retryAfterMs: 5000,
    });
    await settle();
    await clock.pass(1001);
    await answer;
    expect(given?.aborted).toBe(true);
  });

  it('with a picture that can’t be read is told what to send', async () => {
    const broken = new InputError('picture-broken', 'It can’t be read.', 'Take it out of the folder.');
    const { service } = serve({ decode: () => Promise.reject(broken) });
    await expect(service.infer({ ...request, inputs: [file] })).rejects.toMatchObject({
      code: 'picture-broken',
      remedy: 'Send a whole JPEG, PNG or WebP.',
    });
  });

  it('waits where two pictures are decoded, and is refused where sixteen wait', async () => {
    const open: (() => void)[] = [];
    const { service } = serve({
      decode: () => new Promise<Image>((done) => open.push(() => done(picture()))),
    });
    const all = Array.from({ length: 18 }, () => service.infer({ ...request, inputs: [file] }));
    await settle();
    expect(open).toHaveLength(2);
    await expect(service.infer({ ...request, inputs: [file] })).rejects.toMatchObject({
      code: 'requests-full',
    });
    for (let at = 0; at < all.length; at++) {
      open[at]!();
      await settle();
    }
    expect(await Promise.all(all)).toHaveLength(18);
  });

  it('that is given up while it waits for its turn is never decoded', async () => {
    let decoded = 0;
    const { service } = serve({
      decode: () => {
        decoded += 1;
        return never();
      },
    });
    const gone = new AbortController();
    void service.infer({ ...request, inputs: [file] });
    void service.infer({ ...request, inputs: [file] });
    const third = service.infer({ ...request, inputs: [file] }, gone.signal);
    third.catch(() => {});
    gone.abort();
    await settle();
    expect(decoded).toBe(2);
  });
});

function picture(): Image {
  return { width: 4, height: 2, step: 12, encoding: 'rgb8', data: new Uint8Array(24) };
}
