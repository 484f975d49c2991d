import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { stepsOf, waysFor } from '../../../src/dashboard/enrolment/ways.ts';
import { formatClaim } from '../../../src/protocol/index.ts';

const claimOf = (host: string) =>
  formatClaim({ host, id: 'a'.repeat(12), secret: 's'.repeat(43), root: 'r'.repeat(43) });

describe('The ways to add a device', () => {
  it.each([
    ['127.0.0.1:8443', ['here', 'package', 'container']],
    ['[::1]:8443', ['here', 'package', 'container']],
    ['fleet.example:8443', ['image', 'package', 'container']],
    ['127.example:8443', ['image', 'package', 'container']],
  ])('of a controller at %s are %j', (host, ways) => {
    expect(waysFor(claimOf(host)).map(([way]) => way)).toEqual(ways);
  });

  it('put the claim into a file and into no argument of a program', () => {
    for (const way of ['here', 'image', 'package', 'container'] as const) {
      const claim = claimOf('fleet.example:8443');
      const [save, ...others] = stepsOf(way, claim).filter(({ command }) => command.includes(claim));
      expect([way, save?.command]).toEqual([way, `(umask 077; echo '${claim}' >claim.token)`]);
      expect(others).toEqual([]);
    }
  });

  it('lead a container to a controller of this computer by the network of this computer alone', () => {
    const typed = (host: string) => stepsOf('container', claimOf(host)).at(-1)?.command;
    expect(typed('127.0.0.1:8443')).toContain('--network host');
    expect(typed('fleet.example:8443')).not.toContain('--network');
  });

  it('name commands and options of goshawk that are there', () => {
    const typed = (['here', 'image', 'package', 'container'] as const)
      .flatMap((way) => stepsOf(way, claimOf('fleet.example:8443')))
      .flatMap(({ command }) => command.split('\n'))
      .flatMap((line) => /(?:goshawk|main\.js) ((?:[a-z]+ )+)(.*)$/.exec(line) ?? []);
    expect(typed.length).toBeGreaterThan(0);
    for (let at = 0; at < typed.length; at += 3) {
      const [line = '', names = '', rest = ''] = typed.slice(at, at + 3);
      let command = createProgram();
      for (const name of names.trim().split(' ')) {
        const found = command.commands.find((one) => one.name() === name);
        expect(found, line).toBeDefined();
        if (found !== undefined) command = found;
      }
      const known = command.options.map(({ long }) => long);
      for (const option of rest.match(/--[a-z-]+/g) ?? []) expect(known, line).toContain(option);
    }
  });
});
