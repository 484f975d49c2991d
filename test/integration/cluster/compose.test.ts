import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../goshawk.ts';
import { type ImageProcess, settingsOf } from './settings-of.ts';

const compose = spawnSync('docker-compose', ['version']).status === 0;

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly secrets: readonly { readonly source: string; readonly target: string }[];
  readonly volumes?: readonly { readonly source: string; readonly target: string }[];
}

describe.skipIf(!compose)(
  'deploy/cluster/compose.yaml (skipped where docker-compose is not installed)',
  () => {
    let all: Readonly<Record<string, Service>>;
    let controllers: readonly (Service & { readonly name: string; readonly process: ImageProcess })[];

    beforeAll(() => {
      const file = join(projectRoot, 'deploy/cluster/compose.yaml');
      const args = ['-f', file, '--profile', 'examples', 'config', '--format', 'json'];
      const { stdout, stderr, status } = spawnSync('docker-compose', args, { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      all = JSON.parse(stdout).services;
      controllers = Object.entries(all).flatMap(([name, service]) =>
        service.image.includes('goshawk-controller')
          ? [{ ...service, name, process: settingsOf(service.environment) }]
          : [],
      );
    });

    it('has two controllers, one of which leads, two that store, and one for people', () => {
      const roles = controllers.map(({ process }) => process.roles.join()).sort();
      expect(roles).toEqual(['api', 'control', 'control', 'ingest', 'ingest']);
    });

    it('gives settings that a controller takes, and no variable that none reads', () => {
      for (const { name, process } of controllers) {
        expect(process.stray, name).toEqual([]);
        expect(process.settings.http.healthPort).toBe(8081);
      }
    });

    it('mounts each secret that the settings name, and no other', () => {
      for (const { name, process, secrets } of controllers)
        expect(secrets.map(({ target }) => target).sort(), name).toEqual([...new Set(process.files)].sort());
    });

    it('gives each process that stores a right at the broker', () => {
      const control = controllers.find(({ process }) => process.roles.includes('control'));
      const named = control?.process.settings.devices?.brokerClients.map(({ name }) => name);
      const clients = controllers.flatMap(({ process }) =>
        process.roles.includes('ingest') ? [process.settings.ingest.client] : [],
      );
      expect(named).toEqual(clients);
    });

    it('runs them without root, without capabilities, on a read-only file system', () => {
      for (const { name, ...service } of controllers)
        expect(service, name).toMatchObject({
          ...{ user: '10001:10001', read_only: true, cap_drop: ['ALL'] },
          security_opt: ['no-new-privileges:true'],
        });
      expect(Object.values(all).some(({ user }) => user === 'root' || user === '0')).toBe(false);
    });

    it('gives both controllers the same keys, and different addresses for requests that are forwarded', () => {
      const control = controllers.filter(({ process }) => process.roles.includes('control'));
      const [first, second] = control.map(({ volumes }) =>
        volumes?.map(({ source, target }) => [source, target]),
      );
      expect(first).toEqual([['keys', '/var/lib/goshawk-controller']]);
      expect(second).toEqual(first);
      const addresses = control.map(({ process }) => process.settings.http.innerUrl);
      expect(addresses).toEqual(control.map(({ name }) => `https://${name}:8080`));
    });

    it('asks a process whether it works by a command that the image has', () => {
      for (const { healthcheck } of controllers) {
        const [kind, node, flag, script = ''] = healthcheck?.test ?? [];
        expect([kind, node, flag]).toEqual(['CMD', '/usr/lib/goshawk-controller/bin/node', '-e']);
        // Nothing listens here: it says so, and is a program.
        const ran = spawnSync(process.execPath, ['-e', script.replace('8081', '1')], { encoding: 'utf8' });
        expect([ran.status, ran.stderr]).toEqual([1, '']);
      }
    });
  },
);
