/*
 * Where a program is installed decides how something missing gets there: a container has no package manager, and a flashed
 * board is read-only and has no login.
 */

/** `debian`: our package, on a system with apt. */
export type Place = 'checkout' | 'npm' | 'debian' | 'container' | 'board';

/** How Debian's packages get to this place, as a sentence of a remedy; Ubuntu may have other names for them. */
export function howToInstall(packages: string, place: Place, ofUbuntu = packages): string {
  const options = packages
    .split(' ')
    .map((name) => `--package ${name}`)
    .join(' ');
  if (place === 'container')
    return `A container can't install packages: build its image with them (npm run package -- --oci-only ${options}) and start the new image.`;
  if (place === 'board')
    return `A flashed board is read-only: build its image with them (goshawk image build ${options} ...) and install the update that comes with it.`;
  return ofUbuntu === packages
    ? `On Debian and Ubuntu: sudo apt-get install ${packages}.`
    : `On Debian: sudo apt-get install ${packages}; on Ubuntu: sudo apt-get install ${ofUbuntu}.`;
}

const nativeBuilds = {
  checkout: 'npm run build:native',
  npm: 'goshawk native build',
  debian: 'sudo goshawk native build',
  container: 'npm run package -- --oci-only',
  board: 'npm run package, then goshawk image build',
} as const satisfies Record<Place, string>;

/** What a person types to compile native parts for this place; of a container and a board it is typed in a checkout. */
export function nativeBuildOf(place: Place): string {
  return nativeBuilds[place];
}
