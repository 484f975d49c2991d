/** Debian's names of the processors that packages are made for. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** Of the GNU tools, which may be cross tools. */
export const triples = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;

/** Node's and npm's name. */
export function cpuOf(architecture: Architecture): 'x64' | 'arm64' {
  return architecture === 'amd64' ? 'x64' : 'arm64';
}
