/*
 * Runs as root in a fresh Debian under systemd, with a Node of its own beside it: installs, uses, upgrades and purges the
 * packages as an operator would. Prints one line of JSON for each thing that it looked at. Started by main.ts, with the
 * chapters to do.
 */
import { execFileSync } from 'node:child_process';
import { say, step } from './kit.mjs';

for (const chapter of process.argv.slice(2)) {
  await import(`./${chapter}.mjs`).catch((error) =>
    step(`the chapter ${chapter} comes to its end`, () => {
      throw error;
    }),
  );
}
say('END');
execFileSync('systemctl', ['poweroff', '--no-block']);
