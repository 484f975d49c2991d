/* Two processes of the package and one topic between them, by each middleware: pictures out of one and into the other. */
import { Beside, expect, must, sh, skip, step } from './kit.mjs';

const model = '/usr/lib/goshawk-agent/models/street';
const inRelease = (name) => /Candidate: [^(]/.test(sh(`apt-cache policy ${name}`).text);

for (const [adapter, title] of [
  ['dds', 'Cyclone DDS'],
  ['fastdds', 'Fast DDS'],
]) {
  const name = `ROS 2 by ${title}: one process publishes pictures and detections, another one receives them`;
  if (adapter === 'fastdds' && !inRelease('libfastdds3.1')) {
    skip(name, 'libfastdds3.1 is not in this release');
    continue;
  }
  await step(name, async () => {
    const publisher = new Beside(
      `goshawk run --model ${model} --source sim --publish ros --ros ${adapter} --ros-node /eyes --json --duration 5m`,
    );
    try {
      await publisher.says('"type":"frame"');
      const lines = must(
        `timeout 120 goshawk run --model ${model} --source ros:/eyes/annotated --ros ${adapter} --ros-node /other --frames 3 --json`,
      );
      const frames = lines.split('\n').filter((line) => line.includes('"type":"frame"'));
      expect(frames.length === 3 && frames.every((line) => line.includes('"width":640')), lines.slice(-500));
    } finally {
      await publisher.end();
    }
  });
}
