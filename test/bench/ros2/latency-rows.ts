/* What `npm run bench -- ros2-latency` compares: pictures of two sizes, over each middleware, tuned and as it comes. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rosEnvironment } from '../../../device/dds/index.ts';
import type { Middleware } from '../../../native/index.ts';

export interface Row {
  readonly middleware: Middleware;
  readonly size: readonly [number, number];
  readonly reliability: 'reliable' | 'best_effort';
  /** Over Cyclone DDS there is no other than UDP. */
  readonly road: 'udp' | 'shm';
  readonly tuned: boolean;
}

export type Variables = Readonly<Record<string, string | undefined>>;

const roads = { cyclone: ['udp'], fastdds: ['shm', 'udp'] } as const;
const sizes = [
  [1920, 1080],
  [1280, 720],
] as const;

export function rowsOf(middleware: Middleware): Row[] {
  return sizes.flatMap((size) =>
    roads[middleware].flatMap((road) =>
      (['reliable', 'best_effort'] as const).flatMap((reliability) =>
        [true, false].map((tuned) => ({ middleware, size, reliability, road, tuned })),
      ),
    ),
  );
}

/** One word for each thing that `--only` may name. */
export function wordsOf({ middleware, size, reliability, road, tuned }: Row): readonly string[] {
  return [middleware, `${size[1]}p`, road, reliability, tuned ? 'tuned' : 'untuned'];
}

/** What camera, plain program and ours are started with. `folder`: for a file that they read. */
export function variablesOf({ middleware, road, tuned }: Row, folder: string): Variables {
  if (middleware === 'cyclone') return cycloneVariables(tuned);
  const unset = { FASTDDS_DEFAULT_PROFILES_FILE: undefined, FASTDDS_BUILTIN_TRANSPORTS: undefined };
  return tuned
    ? { ...unset, FASTDDS_DEFAULT_PROFILES_FILE: profilesFile(road, folder) }
    : { ...unset, FASTDDS_BUILTIN_TRANSPORTS: road === 'shm' ? 'DEFAULT' : 'UDPv4' };
}

/** What Cyclone DDS 0.10 has without a configuration; the last word, also over our own. */
const asItComes =
  '<CycloneDDS><Domain><General><MaxMessageSize>14720B</MaxMessageSize><FragmentSize>1344B</FragmentSize></General>' +
  '<Internal><SocketReceiveBufferSize min="default" max="default"/><NackDelay>100 ms</NackDelay></Internal></Domain></CycloneDDS>';

function cycloneVariables(tuned: boolean): Variables {
  const { configuration } = rosEnvironment({
    ROS_LOCALHOST_ONLY: '1',
    ...(tuned ? {} : { CYCLONEDDS_URI: asItComes }),
  });
  return { CYCLONEDDS_URI: configuration };
}

/** The file that users have; for UDP it is without its shared memory, which two programs of one machine would take. */
function profilesFile(road: Row['road'], folder: string): string {
  const shipped = path.join(import.meta.dirname, '../../../deploy/ros2/fastdds.xml');
  if (road === 'shm') return shipped;
  const text = readFileSync(shipped, 'utf8');
  const udpAlone = text.replace(/<transport_id>large_shm<\/transport_id>\s*(?=<transport_id>large_udp)/, '');
  if (udpAlone === text) throw new Error('deploy/ros2/fastdds.xml has no large_shm in front of large_udp');
  const file = path.join(folder, 'udp.xml');
  writeFileSync(file, udpAlone);
  return file;
}
