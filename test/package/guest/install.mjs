/* The package as apt installs it, with what it recommends, from files that were fetched before: there is no network here. */
import { expect, must, packages, parts, seesPictures, sh, step } from './kit.mjs';

const apt = 'apt-get install -y -q -o DPkg::Options::=--force-unsafe-io';

await step('apt-get install ./goshawk-agent.deb, perceiving', () =>
  parts({
    // Starts the service too, and waits until it says that its cameras run.
    install: () => must(`${apt} ${packages}/debs/goshawk-agent_0.1.0_*.deb`),
    firstFrames: seesPictures,
  }),
);

await step('apt brought every recommended package that this release has', () => {
  const fields = must(`dpkg-deb -f ${packages}/debs/goshawk-agent_0.1.0_*.deb Recommends`).split(/,\s*/);
  const installed = (name) => sh(`dpkg-query -W -f '\${db:Status-Status}' ${name}`).text === 'installed';
  const known = (name) => /Candidate: [^(]/.test(sh(`apt-cache policy ${name}`).text);
  const left = fields.map((one) => one.split(/\s*\|\s*/)).filter((names) => !names.some(installed));
  const wrong = left.filter((names) => names.some(known));
  expect(wrong.length === 0, `not installed: ${wrong.join('; ')}`);
  return left.length === 0 ? {} : { notInThisRelease: left.map((names) => names.join(' | ')).join(', ') };
});
