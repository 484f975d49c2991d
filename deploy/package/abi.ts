import type { ElfNeeds } from './elf.ts';
import oldest from './oldest-symbols.json' with { type: 'json' };

/*
 * What a shipped binary may ask of the machine. The oldest systems that are promised are Ubuntu 22.04 and JetPack 6:
 * glibc 2.35 and the libstdc++ of GCC 12.
 */

const ceilings: Readonly<Record<string, string>> = {
  GLIBC: '2.35',
  GLIBCXX: '3.4.30',
  CXXABI: '1.3.13',
  GCC: '12.0.0',
};

/** Parts of the C and C++ runtime that every system has. */
const everywhere = [
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'librt.so.1',
  'libresolv.so.2',
  'libgcc_s.so.1',
  'libstdc++.so.6',
  'ld-linux-x86-64.so.2',
  'ld-linux-aarch64.so.1',
];

/** Debian 13: for a file that is of use nowhere older. */
const trixie: typeof ceilings = { GLIBC: '2.41', GLIBCXX: '3.4.33', CXXABI: '1.3.15', GCC: '14.0.0' };

interface Exception {
  /** How the file's name begins. */
  readonly file: string;
  /** What it needs beside those, no more and no less: without one of them its symbols would not be found. */
  readonly libraries: readonly string[];
  readonly why: string;
  readonly ceilings?: typeof ceilings;
}

const exceptions: readonly Exception[] = [
  { file: 'onnxruntime_binding.node', libraries: ['libonnxruntime.so.1'], why: 'lies beside it' },
  { file: 'sharp-linux-', libraries: ['libvips-cpp.so.'], why: 'comes in its own npm package' },
  // Loaded only where ROS 2 is used, and their absence is explained: see native/dds.ts.
  {
    file: 'goshawk_dds.node',
    libraries: ['libddsc.so.0debian'],
    why: 'packages libddsc0t64 of Debian 13 and libddsc0debian of Debian 12',
  },
  {
    file: 'goshawk_fastdds.node',
    libraries: ['libfastdds.so.3.1', 'libfastcdr.so.2'],
    why: 'package libfastdds3.1: there is none in older systems',
    ceilings: trixie,
  },
  // Network cameras are read through ffmpeg where it does not load: see native/gstreamer.ts.
  {
    file: 'goshawk_gstreamer.node',
    libraries: [
      'libgstapp-1.0.so.0',
      'libgstallocators-1.0.so.0',
      'libgstvideo-1.0.so.0',
      'libgstreamer-1.0.so.0',
      'libgobject-2.0.so.0',
      'libglib-2.0.so.0',
    ],
    why: 'package libgstreamer-plugins-base1.0-0',
  },
];

/** Why the file can't go to every promised system, in words; empty: it can. */
export function abiComplaints(
  name: string,
  needs: ElfNeeds,
  architecture: 'amd64' | 'arm64',
): readonly string[] {
  const exception = exceptions.find(({ file }) => name.startsWith(file));
  const extra = exception?.libraries ?? [];
  const highest = exception?.ceilings ?? ceilings;
  const complaints: string[] = [];
  if (needs.machine !== architecture)
    complaints.push(`${name} is built for ${needs.machine}, not ${architecture}`);
  for (const library of needs.libraries) {
    if (everywhere.includes(library) || extra.some((known) => library.startsWith(known))) continue;
    complaints.push(`${name} needs ${library}, which is not on the list of deploy/package/abi.ts`);
  }
  for (const library of extra) {
    if (needs.libraries.some((needed) => needed.startsWith(library))) continue;
    complaints.push(`${name} does not name ${library}, whose symbols it calls: it was linked without it`);
  }
  if (name.startsWith('goshawk')) complaints.push(...symbolComplaints(name, needs));
  for (const [library, versions] of needs.versions) {
    for (const version of versions) {
      const [family = '', number = ''] = version.split('_');
      if (number === 'PRIVATE') {
        complaints.push(`${name} needs ${version} of ${library}, which belongs to one build of it`);
      }
      const ceiling = highest[family];
      if (ceiling !== undefined && /^[\d.]+$/.test(number) && isNewer(number, ceiling)) {
        complaints.push(`${name} needs ${version} of ${library}; promised is ${family}_${ceiling}`);
      }
    }
  }
  for (const path of needs.searchPaths) {
    if (path.split(':').some((part) => !part.startsWith('$ORIGIN'))) {
      complaints.push(`${name} looks for libraries in ${path}`);
    }
  }
  return complaints;
}

/** Given by the program that loads an addon: Node. */
const ofNode = /^(napi|node_api|uv)_/;

/** Our own files call nothing that the oldest of each library has not. */
function symbolComplaints(name: string, { symbols, libraries }: ElfNeeds): readonly string[] {
  const known = new Set(libraries.flatMap((library) => symbolsOf(library)));
  return symbols
    .filter((symbol) => !ofNode.test(symbol) && !known.has(symbol))
    .map(
      (symbol) =>
        `${name} calls ${symbol}, which none of its libraries is known to have in its oldest version`,
    );
}

/** As far as our files call them: deploy/package/oldest-symbols.ts found them there. */
function symbolsOf(library: string): readonly string[] {
  const lists: Readonly<Record<string, { readonly symbols: readonly string[] }>> = oldest;
  return lists[library]?.symbols ?? [];
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const different = a.findIndex((part, index) => part !== (b[index] ?? 0));
  return different >= 0 && (a[different] ?? 0) > (b[different] ?? 0);
}
