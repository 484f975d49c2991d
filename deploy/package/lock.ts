/*
 * Which npm packages of package-lock.json a program needs on one platform: the packages that it names and what those
 * depend on, found as Node finds them.
 */

export interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[] | string;
  readonly cpu?: readonly string[] | string;
  readonly libc?: readonly string[] | string;
}

export interface Lock {
  /** By path: `node_modules/mqtt`, and `` for the project. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Paths of the packages, sorted. `without` names packages that are left out with all that only they need. */
export function neededPackages(
  lock: Lock,
  cpu: 'x64' | 'arm64',
  without: readonly string[] = [],
): readonly string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    const item = lock.packages[path];
    if (item === undefined || found.has(path) || !fits(item, cpu)) return;
    if (path !== '') found.add(path);
    for (const name of Object.keys({
      ...item.dependencies,
      ...item.optionalDependencies,
      ...item.peerDependencies,
    })) {
      const target = without.includes(name) ? undefined : resolve(lock, path, name);
      if (target !== undefined) visit(target);
    }
  };
  visit('');
  return [...found].sort();
}

function fits({ os, cpu, libc }: LockedPackage, wanted: string): boolean {
  const allows = (list: readonly string[] | string | undefined, value: string) =>
    list === undefined || [list].flat().includes(value);
  return allows(os, 'linux') && allows(cpu, wanted) && allows(libc, 'glibc');
}

/** The nearest folder upwards that holds it; undefined where it is optional and not locked. */
function resolve(lock: Lock, from: string, name: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const path = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (lock.packages[path] !== undefined) return path;
    if (base === '') return undefined;
  }
}
