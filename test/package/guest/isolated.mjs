/* An engine in a process of its own, in the sandbox of the service: its end costs frames and nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, frames, must, pidOf, seesPictures, sh, show, step, until } from './kit.mjs';

const path = '/etc/goshawk/agent.json';

await step('an isolated engine is killed, and the same agent goes on', async () => {
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(before), isolate: true, engine: 'onnxruntime' }));
  must('systemctl restart goshawk-agent');
  await seesPictures();
  const agent = pidOf('goshawk-agent');
  const host = () => sh('pgrep -u goshawk -f goshawk-engine-host').text;
  const first = await until('the engine has a process', 60, host);
  must(`kill -KILL ${first.split('\n').join(' ')}`);
  await until('another process', 60, () => host() !== '' && host() !== first);
  const seen = (await frames()) ?? 0;
  await until('frames after it', 60, async () => ((await frames()) ?? 0) > seen + 5);
  expect(pidOf('goshawk-agent') === agent, 'the agent was restarted');
  writeFileSync(path, before);
  must('systemctl restart goshawk-agent');
  await seesPictures();
  return { restarts: show('goshawk-agent', 'NRestarts') };
});
