/* The other one of two releases that work is ordered; the machine is switched off on the way. */

import { step, until } from './kit.mjs';
import { goshawk, name, version } from './releases.mjs';

await step('a release is ordered for a machine that will be switched off', async () => {
  await until('the controller answers', 120, async () => (await fetch('http://127.0.0.1:8080/healthz')).ok);
  goshawk(`model deploy --device board-7 --slot agent ${name}@${version() === '0.1.1' ? '0.1.5' : '0.1.1'}`);
});
await new Promise(() => setInterval(() => {}, 1_000));
