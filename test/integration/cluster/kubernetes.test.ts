import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { leaderLabel } from '../../../src/adapters/kubernetes/index.ts';
import { projectRoot } from '../goshawk.ts';
import { settingsOf } from './settings-of.ts';

const kustomize = spawnSync('kustomize', ['version']).status === 0;
const title = 'deploy/cluster/kubernetes (skipped where kustomize is not installed)';

type Labels = Readonly<Record<string, string>>;
interface Container {
  readonly image: string;
  readonly env: readonly { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readOnly?: boolean }[];
  readonly securityContext: unknown;
  readonly resources: { readonly requests?: object; readonly limits?: object };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface PodSpec {
  readonly containers: readonly [Container];
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: unknown;
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: of which kind it is the schemas of Kubernetes check, below.
  readonly spec: any;
}

/** Where the types of Kubernetes have each kind. */
const types: Readonly<Record<string, string>> = {
  ConfigMap: 'core/v1',
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking/v1',
  PersistentVolumeClaim: 'core/v1',
  PodDisruptionBudget: 'policy/v1',
  Role: 'rbac/v1',
  RoleBinding: 'rbac/v1',
  Service: 'core/v1',
  ServiceAccount: 'core/v1',
  StatefulSet: 'apps/v1',
};

describe.skipIf(!kustomize)(title, () => {
  let all: readonly Manifest[];
  let workloads: readonly Manifest[];
  const podOf = (one: Manifest): PodSpec => one.spec.template.spec;
  const labelsOf = (one: Manifest): Labels => one.spec.template.metadata.labels;
  const named = (kind: string) => all.filter((one) => one.kind === kind);

  /** The environment of the pod as the kubelet makes it. */
  function environmentOf(one: Manifest): Record<string, string> {
    const [{ env, envFrom }] = podOf(one).containers;
    const result: Record<string, string> = {};
    for (const { configMapRef } of envFrom)
      Object.assign(
        result,
        named('ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name)?.data,
      );
    for (const { name, value, valueFrom } of env) {
      expect(valueFrom?.fieldRef.fieldPath ?? 'metadata.name').toBe('metadata.name');
      const text = value ?? `${one.metadata.name}-0`;
      result[name] = text.replaceAll(/\$\((\w+)\)/g, (whole, key: string) => result[key] ?? whole);
    }
    return result;
  }

  beforeAll(() => {
    const folder = join(projectRoot, 'deploy/cluster/kubernetes/site');
    const { stdout, stderr, status } = spawnSync('kustomize', ['build', folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    all = parseAllDocuments(stdout).map((document) => document.toJS());
    workloads = all.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
    expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual([
      ...['goshawk-api', 'goshawk-control', 'goshawk-ingest'],
    ]);
  });

  it('has only fields that Kubernetes knows, of their types', { timeout: 240_000 }, () => {
    mkdirSync(join(projectRoot, 'build'), { recursive: true });
    const folder = mkdtempSync(join(projectRoot, 'build', 'kubernetes-'));
    try {
      const lines = all.map((one, at) => {
        const { kind } = one;
        const module = types[kind];
        expect(module, `the types of ${kind}`).toBeDefined();
        const type = `import('kubernetes-types/${module}').${kind}`;
        return `export const m${at} = ${JSON.stringify(one, undefined, 1)} satisfies ${type};`;
      });
      const checked = (text: string) => {
        writeFileSync(join(folder, 'manifests.ts'), text);
        const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig'];
        const resolved = ['--module', 'preserve', '--moduleResolution', 'bundler', '--types', ''];
        const tsc = join(projectRoot, 'node_modules/.bin/tsc');
        const args = [...options, ...resolved, join(folder, 'manifests.ts')];
        return spawnSync(tsc, args, { encoding: 'utf8' }).stdout;
      };
      expect(checked(lines.join('\n'))).toBe('');
      // The check can fail: a name that is misspelled, and a number that is text.
      expect(checked(lines.join('\n').replace('"livenessProbe"', '"livenesProbe"'))).toContain(
        'livenesProbe',
      );
      expect(checked(lines.join('\n').replace('"replicas": 2', '"replicas": "2"'))).toContain(
        'not assignable',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives settings that a controller takes, and no variable that none reads', () => {
    for (const one of workloads) {
      const { stray, roles, settings } = settingsOf(environmentOf(one));
      expect(stray, one.metadata.name).toEqual([]);
      expect([`goshawk-${roles}`, settings.http.healthPort]).toEqual([one.metadata.name, 8081]);
    }
  });

  it('mounts each secret that the settings name', () => {
    for (const one of workloads) {
      const { files } = settingsOf(environmentOf(one));
      const [{ volumeMounts }] = podOf(one).containers;
      const mounted = volumeMounts.filter(({ mountPath }) => mountPath.startsWith('/run/secrets/'));
      expect([...new Set(files.map((file) => file.slice(0, file.lastIndexOf('/'))))].sort()).toEqual(
        mounted.map(({ mountPath }) => mountPath).sort(),
      );
      for (const { name, readOnly } of mounted) {
        expect(readOnly).toBe(true);
        expect(podOf(one).volumes.find((volume) => volume.name === name)?.secret).toBeDefined();
      }
    }
    // Secrets come from outside.
    expect(named('Secret')).toEqual([]);
  });

  it('gives each process that stores a right at the broker', () => {
    const [ingest] = named('StatefulSet');
    const [control] = workloads.filter(({ metadata }) => metadata.name === 'goshawk-control');
    if (ingest === undefined || control === undefined)
      throw new Error('The base has no Deployment of ingest or control.');
    const { settings } = settingsOf(environmentOf(control));
    const pods = Array.from({ length: ingest.spec.replicas }, (_, at) => `goshawk-ingest-${at}`);
    expect(settings.devices?.brokerClients).toEqual(
      pods.map((name) => expect.objectContaining({ name, ingest: true })),
    );
    expect(settingsOf(environmentOf(ingest)).settings.ingest.client).toBe(pods[0]);
  });

  it('runs all without root, without capabilities, on a read-only file system', () => {
    for (const one of workloads) {
      const { securityContext, containers, automountServiceAccountToken } = podOf(one);
      expect(securityContext).toMatchObject({
        ...{ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(containers[0].securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      });
      expect(containers[0].resources).toMatchObject({
        requests: { memory: expect.stringMatching('Mi|Gi') },
        limits: { memory: expect.stringMatching('Mi|Gi') },
      });
      // Only who sets a label speaks to Kubernetes.
      expect(automountServiceAccountToken).toBe(one.metadata.name === 'goshawk-control');
    }
  });

  it('asks whether a process lives and whether it works, at the port that it opens', () => {
    for (const one of workloads) {
      const [{ startupProbe, livenessProbe, readinessProbe, ports }] = podOf(one).containers;
      const asked = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
      expect(asked.map(({ path }) => path)).toEqual(['/livez', '/livez', '/healthz']);
      for (const { port } of asked) expect(ports.find(({ name }) => name === port)?.containerPort).toBe(8081);
    }
  });

  it('keeps one of each while nodes are emptied, and leads to pods that are there', () => {
    const selects = (selector: Labels, labels: Labels) =>
      Object.entries(selector).every(([name, value]) => labels[name] === value);
    for (const one of workloads) {
      const budgets = named('PodDisruptionBudget').filter(({ spec }) =>
        selects(spec.selector.matchLabels, labelsOf(one)),
      );
      expect(budgets.map(({ spec }) => spec.maxUnavailable)).toEqual([1]);
      expect(one.spec.replicas).toBeGreaterThan(1);
      expect(
        named('NetworkPolicy').filter(({ spec }) => selects(spec.podSelector.matchLabels, labelsOf(one))),
      ).toHaveLength(1);
    }
    for (const { metadata, spec } of named('Service')) {
      const of = workloads.filter((one) =>
        selects(spec.selector, { ...labelsOf(one), [leaderLabel]: 'true' }),
      );
      expect(of, metadata.name).toHaveLength(1);
      const ports = of.flatMap((one) => podOf(one).containers[0].ports.map(({ name }) => name));
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
      expect(leaderLabel in spec.selector).toBe(metadata.name === 'goshawk-leader');
    }
  });

  it('is told by the page of the docs with each secret and its files', () => {
    const page = readFileSync(join(projectRoot, 'docs/cluster.md'), 'utf8');
    const secrets = new Set(
      workloads.flatMap((one) => podOf(one).volumes.flatMap(({ secret }) => secret?.secretName ?? [])),
    );
    for (const name of secrets) expect(page).toContain(`\`${name}\``);
  });
});
