import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { InstalledRos } from './adapter-order.ts';

/** The ROS 2 that is sourced, wherever it was built, then each distribution below this folder, the newest name first. */
export function installedRos(
  environment: Readonly<Record<string, string | undefined>> = {},
  folder = '/opt/ros',
): InstalledRos[] {
  const below = names(folder)
    .sort()
    .reverse()
    .map((distribution) => ({
      distribution,
      middlewares: middlewaresOf([path.join(folder, distribution)]),
    }));
  return [...sourcedRos(environment), ...below].filter(({ middlewares }) => middlewares.length > 0);
}

/** One prefix for each package, where a workspace was built so; the first and its underlays otherwise. */
function sourcedRos({
  AMENT_PREFIX_PATH: prefixes = '',
  ROS_DISTRO: distribution = '',
}: Readonly<Record<string, string | undefined>>): InstalledRos[] {
  const folders = prefixes.split(':').filter((each) => each !== '');
  if (folders.length === 0) return [];
  return [{ distribution: distribution || 'of the environment', middlewares: middlewaresOf(folders) }];
}

function middlewaresOf(prefixes: readonly string[]): string[] {
  const found = prefixes
    .flatMap((prefix) => names(path.join(prefix, 'lib')))
    .map((file) => /^lib(rmw_\w+_cpp)\.so$/.exec(file)?.[1] ?? '')
    .filter((name) => middlewares.test(name));
  return [...new Set(found)].sort();
}

/** Others of the same kind of name are parts of a middleware: rmw_dds_common, rmw_fastrtps_shared_cpp. */
const middlewares = /^rmw_(?:fastrtps|cyclonedds|connextdds|zenoh)_cpp$/;

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
