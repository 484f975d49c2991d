/* A release that does not start is ordered; the machine is switched off while it goes back. */

import { step, until } from './kit.mjs';
import { goshawk, name } from './releases.mjs';

await step('a bad release is ordered for a machine that will be switched off', async () => {
  await until('the controller answers', 120, async () => (await fetch('http://127.0.0.1:8080/healthz')).ok);
  goshawk(`model deploy --device board-7 --slot agent ${name}@0.1.2`);
});
await new Promise(() => setInterval(() => {}, 1_000));
