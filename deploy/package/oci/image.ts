/* What an image says of itself: who runs in it, what is started, which folder is kept. */
import type { Architecture } from '../architecture.ts';
import { type PackageDefinition, rootOf, stateOf } from '../packages.ts';
import type { Facts } from '../tree.ts';
import { type Descriptor, mediaTypes } from './layout.ts';

/** Of nobody on the host; names would be looked up in the image's own passwd. */
export const imageUser = 10001;

/** A layer as the configuration names it: by the digest of what is in it, before it was compressed. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly what: string;
}

export function imageConfig(
  definition: PackageDefinition,
  { version, epochSeconds }: Facts,
  architecture: Architecture,
  layers: readonly Layer[],
): unknown {
  const { name, service, summary } = definition;
  const root = rootOf(definition);
  const created = new Date(epochSeconds * 1000).toISOString();
  return {
    created,
    os: 'linux',
    architecture,
    config: {
      User: `${imageUser}:${imageUser}`,
      Entrypoint: [`${root}/bin/node`, `${root}/dist/src/cli/main.js`],
      Cmd: [service, '--config', `/etc/goshawk/${service}.json`],
      // GStreamer keeps there what it found out about its plugins; otherwise it asks each of them in every process.
      // Also set by the program itself: ONNX Runtime's npm binaries send usage data unless told not to.
      Env: [
        'PATH=/usr/bin',
        'HOME=/nonexistent',
        'ORT_DISABLE_TELEMETRY=1',
        'GST_REGISTRY=/tmp/gstreamer-registry',
      ],
      WorkingDir: stateOf(definition),
      Volumes: { [stateOf(definition)]: {} },
      ...(service === 'controller' ? { ExposedPorts: { '8080/tcp': {} } } : {}),
      StopSignal: 'SIGTERM',
      Labels: {
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.description': summary,
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ what }) => ({ created, created_by: what })),
  };
}

export function imageManifest(config: Descriptor, layers: readonly Layer[]): unknown {
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  };
}

export function platformOf(architecture: Architecture): NonNullable<Descriptor['platform']> {
  return { os: 'linux', architecture, ...(architecture === 'arm64' ? { variant: 'v8' } : {}) };
}
