import { formatManifest, packBundle } from '../../../../../src/model/index.ts';
import { digestOf } from '../../../../../src/platform/index.ts';
import type { OciPeer } from '../../../../fixtures/oci-client.ts';
import { tinyManifest } from '../../../../fixtures/tiny-bundle.ts';

/** A version of `street` in the registry. */
export async function pushed(peer: OciPeer, version: string) {
  const network = Buffer.from(`the network of ${version}`);
  const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
  const manifest = tinyManifest({ name: 'street', version, variants: [{ kind: 'fp32', file }] });
  const json = Buffer.from(formatManifest(manifest));
  const packed = packBundle(json, manifest, digestOf);
  for (const bytes of [network, json, packed.config.bytes]) await peer.pushBlob('street', bytes);
  await peer.pushManifest('street', version, Buffer.from(packed.manifest.bytes).toString('utf8'));
  return {
    digest: digestOf(json),
    file: file.digest,
    config: digestOf(packed.config.bytes),
    artifact: packed.manifest.descriptor.digest,
  };
}
