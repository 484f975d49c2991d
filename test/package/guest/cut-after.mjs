/* The machine is on again after it was switched off in an update. */
import { existsSync } from 'node:fs';
import { expect, must, seesPictures, sh, step, until } from './kit.mjs';
import { helperState, slot, status, version } from './releases.mjs';

await step('after a power cut in an update a whole version runs, works, and the fleet is told', async () => {
  const found = helperState();
  await until('the helper is at its end', 240, () => helperState() === 'idle');
  await until('the device has said what came of it', 120, async () => {
    const { loaded, deployment } = (await slot()) ?? {};
    return loaded?.version === version() && ['committed', 'failed'].includes(deployment?.state);
  });
  expect(['0.1.1', '0.1.5'].includes(version()), version());
  expect(sh('dpkg --audit').text === '', must('dpkg --audit'));
  expect(!existsSync('/etc/systemd/system/goshawk-update-guard.service'), 'the guard is left');
  await seesPictures();
  const { deployment } = await slot();
  return {
    found,
    version: version(),
    told: deployment.state,
    result: status()
      .match(/result=.*|reason=.*/g)
      ?.join(' '),
  };
});
