/* A process that learns a toy camera until it is killed; its argument is the file that it keeps what it learned in. */
import { setTimeout } from 'node:timers/promises';
import { ThreadLearner } from '../../../../src/adapters/learning/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { digest, ToyCamera } from '../../drift/toy-camera.ts';

const learner = new ThreadLearner(
  {
    ...{ modelDigest: digest, camera: 'toy', viewSeconds: 60, order: 'first', keepEverySeconds: 60 },
    onLost: (error) => {
      throw error;
    },
  },
  { path: process.argv[2]!, log: silentLog },
);
const camera = new ToyCamera(1);
for (;;) {
  for (let i = 0; i < 10 * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    learner.observe(thumbnail, result, atMs);
  }
  await setTimeout(20);
}
