/* A model goes from the controller of this machine to its agent. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, must, seesPictures, step } from './kit.mjs';

const path = '/etc/goshawk/agent.json';
const token = () => readFileSync('/var/lib/goshawk-controller/admin.token', 'utf8').trim();
const goshawk = (words) => must(`GOSHAWK_TOKEN=${token()} goshawk ${words}`);

await step('a model is pushed to the controller; the agent fetches it, tries it and commits it', async () => {
  const made = JSON.parse(goshawk('token create --name board-7 --role device --json'));
  writeFileSync('/etc/goshawk/artifacts.token', `${made.token}\n`);
  chmodSync('/etc/goshawk/artifacts.token', 0o640);
  must('chgrp goshawk /etc/goshawk/artifacts.token');
  const settings = JSON.parse(readFileSync(path, 'utf8'));
  settings.artifacts = { registry: 'http://127.0.0.1:8080', tokenFile: '/etc/goshawk/artifacts.token' };
  writeFileSync(path, JSON.stringify(settings));
  must('systemctl restart goshawk-agent');
  await seesPictures();
  goshawk('model push /usr/lib/goshawk-agent/models/street-int8');
  const said = goshawk('model deploy street@1.1.0 --device board-7 --wait');
  expect(said.includes('committed'), said);
  await seesPictures();
  const device = goshawk('device show board-7 --json');
  expect(device.includes('1.1.0'), device.slice(0, 2_000));
});

await step('the controller runs a network in its own sandbox, as it does to challenge devices', () => {
  const root = '/usr/lib/goshawk-controller';
  const bundle = '/usr/lib/goshawk-agent/models/street-int8';
  const [frame] = readdirSync(`${bundle}/golden`).filter((name) => name.endsWith('.jpg'));
  const change = { frame: `golden/${frame}`, mirrored: true, right: 40, down: 20, gain: 256 };
  const job = { kind: 'answers', bundle, pictures: bundle, challenges: [change], most: 50 };
  const script = `
    import { runJob } from '${root}/dist/src/runtime/trials/run-job.js';
    const { signal } = new AbortController();
    const environment = { PATH: process.env.PATH };
    const options = { what: 'The model', limitMs: 120_000, signal, environment };
    const { answers } = await runJob(${JSON.stringify(job)}, options);
    console.log(JSON.stringify(answers));`;
  // Only root may write the script, and its user may read it.
  writeFileSync('/srv/challenge.mjs', script, { mode: 0o644 });
  const said = must(`${root}/bin/as-service ${root}/bin/node /srv/challenge.mjs`);
  const [answer] = JSON.parse(said.split('\n').at(-1));
  expect(answer.length > 0 && answer.every(({ score }) => score > 0 && score <= 1), said);
  return { boxes: answer.length };
});
