import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ddsBuilt, type Middleware } from '../../../native/index.ts';

const run = promisify(execFile);

const addons: Readonly<Record<Middleware, string>> = {
  cyclone: 'native/build/out/goshawk_dds.node is not built (cyclonedds-dev)',
  fastdds: 'native/build/out/goshawk_fastdds.node is not built (libfastdds-dev)',
};

/** Why the test can't run here, or undefined. */
export function whyNoPeer(middleware: Middleware): string | undefined {
  if (!ddsBuilt(middleware)) return addons[middleware];
  if (!existsSync('/usr/include/fastdds/dds/domain/DomainParticipant.hpp')) return 'no libfastdds-dev';
  for (const program of ['fastddsgen', 'g++']) {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
    } catch {
      return `no ${program}`;
    }
  }
  return undefined;
}

const endpoints = path.join(import.meta.dirname, '../../../native/src/dds/fastdds');

/** Compiles a Fast DDS program, the one beside this file for example, in `folder`; gives its path. */
export async function buildPeer(
  folder: string,
  source = path.join(import.meta.dirname, 'fastdds_peer.cc'),
): Promise<string> {
  copyFileSync(path.join(import.meta.dirname, 'ros.idl'), path.join(folder, 'ros.idl'));
  await run('fastddsgen', ['-replace', '-d', '.', 'ros.idl'], { cwd: folder });
  const sources = [source, 'rosPubSubTypes.cxx', 'rosTypeObjectSupport.cxx'];
  const libraries = ['-lfastdds', '-lfastcdr', '-lpthread'];
  await run('g++', ['-std=c++17', '-O1', '-I.', `-I${endpoints}`, ...sources, '-o', 'peer', ...libraries], {
    cwd: folder,
  });
  return path.join(folder, 'peer');
}

export interface PeerReport {
  /** Pictures before the counted ones, until the first result came back. */
  readonly warmUp: number;
  readonly warmUpAnswered: number;
  readonly sent: number;
  readonly refused: number;
  readonly received: number;
  readonly wrong: number;
  readonly unknownStamp: number;
  /** Of the first picture after the warm-up, in decimal. */
  readonly firstStampNs: string;
  /** How often it waited for results before it went on. */
  readonly waited: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Numbers of the pictures that no result came back for. */
  readonly missing: readonly number[];
}

export async function runPeer<Report = PeerReport>(
  peer: string,
  args: readonly (string | number)[],
): Promise<Report> {
  const { stdout } = await run(peer, args.map(String), { timeout: 500_000 });
  return JSON.parse(stdout) as Report;
}
