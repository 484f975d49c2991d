import type { BundleFile, Manifest } from './manifest.ts';

/**
 * What decides what a network answers, in one text: labels, contracts and the bytes of its variants. Its sha256, the
 * network digest, is the same for bundles that differ in name, version, budgets or attachments alone. So a reference
 * profile can lie inside the bundle whose network it is of, and what was learned of a network outlives a new version that
 * changes nothing in it.
 */
export function networkText({ labels, input, output, variants }: Manifest): string {
  const files = variants.map(({ kind, file }) => `${kind} ${file.digest}`).sort();
  return JSON.stringify(sorted({ labels, input, output, files }));
}

/** Where a bundle keeps the reference profile of a camera. */
export function bundledProfilePath(camera: string): string {
  return `profiles/${camera}.json`;
}

/** The reference profile of a camera that a bundle brings; undefined where the manifest names none. */
export function bundledProfile({ attachments }: Manifest, camera: string): BundleFile | undefined {
  const wanted = bundledProfilePath(camera);
  return attachments?.find(({ path }) => path === wanted);
}

/** Cameras whose reference profile a bundle brings. */
export function bundledCameras({ attachments = [] }: Manifest): readonly string[] {
  return attachments.flatMap(({ path }) => /^profiles\/([^/]+)\.json$/.exec(path)?.[1] ?? []);
}

/** With the fields of every object in the order of the alphabet: files of other programs have them in another one. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]),
  );
}
