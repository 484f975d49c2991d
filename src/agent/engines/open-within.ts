import { type Clock, LimitError } from '../../base/index.ts';
import type { ChosenDetector } from './open-engine.ts';

/**
 * Opens an engine, and gives up where that takes longer: on a device that hangs it never ends. A build under way is ended
 * by the signal; a detector that comes all the same is closed.
 */
export function openWithin(
  clock: Clock,
  limitMs: number,
  open: (signal: AbortSignal) => Promise<ChosenDetector>,
): Promise<ChosenDetector> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    let late = false;
    const cancel = clock.after(limitMs, () => {
      late = true;
      reject(
        new LimitError(
          'engine-hangs',
          `The engine did not open within ${limitMs / 1000} s.`,
          'Read the kernel log (dmesg), and restart the board if it names the device.',
        ),
      );
      controller.abort();
    });
    open(controller.signal).then(
      (chosen) => {
        cancel();
        if (late) void chosen.detector.close().catch(() => {});
        else resolve(chosen);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
