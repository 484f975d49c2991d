import { beforeEach, expect, it } from 'vitest';
import type { PipelineHost } from '../../src/agent/index.ts';
import { InputError } from '../../src/base/index.ts';
import { type Detector, defaultCameraSettings } from '../../src/perception/index.ts';
import { FakeDetector } from '../fakes/fake-pipeline.ts';
import { suite } from './suite.ts';

/** What the agent expects of any host of a pipeline. `make` gives one with the camera `front` that runs. */
export function describePipelineHost(
  name: string,
  make: (detector: Detector) => PipelineHost | Promise<PipelineHost>,
  missing?: string,
): void {
  suite(`A host of a pipeline: ${name}`, missing, () => {
    const detectorOf = (letter: string) => new FakeDetector(`sha256:${letter.repeat(64)}`);
    let first: Detector;
    let host: PipelineHost;

    beforeEach(async () => {
      first = detectorOf('a');
      host = await make(first);
    });

    it('names its cameras, and the detector that is live', () => {
      expect([...host.cameras]).toEqual(['front']);
      expect(host.identity).toEqual(first.identity);
      expect(host.stats()).toMatchObject({ detector: first.identity, cameras: [{ camera: 'front' }] });
    });

    it('has another detector live at once, and is done when the old one owes nothing any more', async () => {
      const second = detectorOf('b');
      const swapped = host.swap(second);
      expect(host.identity).toEqual(second.identity);
      await swapped;
      expect(host.stats().detector).toEqual(second.identity);
      // The old one is not closed: it may be needed again.
      await host.swap(first);
      expect(host.identity).toEqual(first.identity);
      expect(first).toMatchObject({ closed: false });
    });

    it('has slots beside main, which are added, swapped and removed by themselves', async () => {
      const [plate, better] = [detectorOf('b'), detectorOf('c')];
      await host.addSlot('plate', plate);
      expect(new Map(host.identities())).toEqual(
        new Map([
          ['main', first.identity],
          ['plate', plate.identity],
        ]),
      );
      await host.swap(better, 'plate');
      expect(host.identities().get('plate')).toEqual(better.identity);
      expect(host.identity).toEqual(first.identity);
      await host.removeSlot('plate');
      expect([...host.identities().keys()]).toEqual(['main']);
      expect([plate, better]).toMatchObject([{ closed: false }, { closed: false }]);
    });

    it('refuses a slot that is there twice, and one that is not there', async () => {
      const plate = detectorOf('b');
      await host.addSlot('plate', plate);
      const wrong = [
        async () => host.addSlot('plate', plate),
        async () => host.addSlot('main', plate),
        async () => host.swap(plate, 'face'),
        async () => host.removeSlot('face'),
      ];
      for (const call of wrong) await expect(call()).rejects.toBeInstanceOf(InputError);
      expect([...host.identities().keys()]).toEqual(['main', 'plate']);
    });

    it('changes only the named settings of a camera', () => {
      expect(host.settings('front')).toEqual(defaultCameraSettings);
      host.configure('front', { scoreThreshold: 0.5, classes: ['car'] });
      host.configure('front', { enabled: false });
      const changed = { ...defaultCameraSettings, scoreThreshold: 0.5, classes: ['car'], enabled: false };
      expect(host.settings('front')).toEqual(changed);
      expect(host.stats().cameras[0]?.settings).toEqual(changed);
    });

    it.each([
      { scoreThreshold: 1.5 },
      { iouThreshold: -0.1 },
      { scoreThreshold: Number.NaN },
      { maxDetections: 0 },
      { maxDetections: 2.5 },
    ])('refuses %j, and has the settings of before', (wrong) => {
      host.configure('front', { scoreThreshold: 0.5 });
      expect(() => host.configure('front', { enabled: false, ...wrong })).toThrow(
        expect.objectContaining({ code: 'settings-range' }),
      );
      expect(host.settings('front')).toEqual({ ...defaultCameraSettings, scoreThreshold: 0.5 });
    });

    it('knows no camera but its own', () => {
      for (const call of [() => host.settings('side'), () => host.configure('side', {})]) {
        expect(call).toThrow(InputError);
        expect(call).toThrow(expect.objectContaining({ code: 'camera-unknown' }));
      }
    });

    it('accounts for every frame', () => {
      const { frames } = host.stats().cameras[0]!;
      const { paused, closed, overflow, failed, timeout } = frames.dropped;
      const gone = paused + closed + overflow + failed + timeout + frames.superseded + frames.processed;
      expect(frames.received).toBe(gone + frames.waiting + frames.inFlight);
    });
  });
}
