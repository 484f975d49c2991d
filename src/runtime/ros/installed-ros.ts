import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { InstalledRos } from './adapter-order.ts';

/** Each distribution of ROS 2 below this folder, the newest name first, with the middlewares that it has. */
export function installedRos(folder = '/opt/ros'): InstalledRos[] {
  return names(folder)
    .sort()
    .reverse()
    .map((distribution) => ({
      distribution,
      middlewares: names(path.join(folder, distribution, 'lib'))
        .map((file) => /^lib(rmw_\w+_cpp)\.so$/.exec(file)?.[1] ?? '')
        .filter((name) => middlewares.test(name))
        .sort(),
    }))
    .filter(({ middlewares: found }) => found.length > 0);
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
