/*
 * The quick starts that begin with a clone, as docs/quick-starts.md prints them, in a fresh Debian with git and Node and with a
 * way to the package registry. Started by checkout.ts.
 */
import { cpSync, readdirSync } from 'node:fs';
import { expect, must, packages } from './kit.mjs';
import { makeReader, printed, typeSection } from './typing.mjs';

makeReader('ann');
const table = {
  'git clone': { instead: (typed) => typed.replace('<this repository>', `${packages}/goshawk.git`) },
  'npm start': { until: /Two devices watch a simulated street/ },
  'npm run build': {
    before() {
      // As the page says: a network and a video of the reader, and ffmpeg.
      for (const name of ['yolo11n.onnx', 'street.mp4'])
        cpSync(`${packages}/${name}`, `/home/ann/goshawk/${name}`);
      must('apt-get install -y -q --no-install-recommends ffmpeg');
    },
  },
  'goshawk run --model bundle/ --source street.mp4': {
    after: () => expect(readdirSync('/home/ann/goshawk/drawn').length > 0, 'no picture is drawn'),
  },
};
for (const section of printed.sections) await typeSection(section, table);
