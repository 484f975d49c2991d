/*
 * What of Debian's packages goes into an image: the programs, plugins and libraries that the program opens by name, and the
 * libraries that those are linked against. The rest of the packages stays out. Paths are relative, with slashes.
 */

import type { DebianPackage } from '../../../src/sbom/index.ts';
import { type Architecture, triples } from '../architecture.ts';
import type { PackageDefinition } from '../packages.ts';

/** Debian's packages and what is opened of them by name; `*` stands for the processor's triple. */
export interface Contents {
  readonly packages: readonly string[];
  readonly files: readonly string[];
}

/** What Node, ONNX Runtime and libvips are linked against. */
const runtime: Contents = {
  packages: ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6'],
  files: [
    ...['c.so.6', 'm.so.6', 'dl.so.2', 'pthread.so.0', 'rt.so.1', 'resolv.so.2'].map((name) => `lib${name}`),
    ...['libgcc_s.so.1', 'libstdc++.so.6'],
  ].map((name) => `usr/lib/*/${name}`),
};

/** RTSP and MJPEG, H.264 and H.265, over TCP, UDP and TLS; cameras of V4L2; what a pipeline of the user's often has. */
const plugins = [
  ...['coreelements', 'app', 'playback', 'typefindfunctions', 'videoconvertscale', 'videorate', 'gio', 'tcp'],
  ...['rawparse', 'videotestsrc', 'rtsp', 'rtp', 'rtpmanager', 'udp', 'soup', 'multipart', 'jpeg', 'png'],
  ...['video4linux2', 'isomp4', 'matroska', 'videocrop', 'videofilter', 'deinterlace', 'multifile'],
  ...['videoparsersbad', 'jpegformat', 'mpegtsdemux', 'libav'],
];

const perception: Contents = {
  packages: [
    ...['libturbojpeg0', 'libddsc0t64', 'libfastdds3.1', 'ffmpeg', 'ca-certificates', 'glib-networking'],
    ...['gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad'],
    'gstreamer1.0-libav',
  ],
  files: [
    ...['usr/bin/ffmpeg', 'usr/bin/ffprobe'],
    ...plugins.map((name) => `usr/lib/*/gstreamer-1.0/libgst${name}.so`),
    'usr/lib/*/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner',
    // Opened by the plugin soup and by GIO.
    ...['libsoup-3.0.so.0', 'gio/modules/libgiognutls.so'].map((name) => `usr/lib/*/${name}`),
    ...['libturbojpeg.so.0', 'libddsc.so.0debian', 'libfastdds.so.3.1', 'libfastcdr.so.2'].map(
      (name) => `usr/lib/*/${name}`,
    ),
    ...['libgstapp', 'libgstallocators', 'libgstvideo'].map((name) => `usr/lib/*/${name}-1.0.so.0`),
  ],
};

/** The controller looks at no camera. */
export function contentsOf({ service }: PackageDefinition): Contents {
  if (service === 'controller') return runtime;
  return {
    packages: [...runtime.packages, ...perception.packages],
    files: [...runtime.files, ...perception.files],
  };
}

/** Who wrote the libraries, the name of the system, and authorities of certificates. */
export function isNotice(path: string): boolean {
  return /^(etc\/os-release|etc\/debian_version|usr\/lib\/os-release|usr\/share\/doc\/[^/]+\/copyright|usr\/share\/ca-certificates\/.+\.crt)$/.test(
    path,
  );
}

const loaders: Readonly<Record<Architecture, string>> = {
  amd64: 'usr/lib64/ld-linux-x86-64.so.2',
  arm64: 'usr/lib/ld-linux-aarch64.so.1',
};

/** Of a package that somebody adds: what can be run or opened, and its data. */
export function isAdded(path: string): boolean {
  return (
    /^(etc|usr\/(bin|sbin|lib|libexec|share))\//.test(path) &&
    !/^usr\/share\/(doc|man|locale|info|lintian|bug)\//.test(path)
  );
}

/** A package and its paths, those of folders with a slash at their end. */
export interface UnpackedPackage extends DebianPackage {
  readonly paths: readonly string[];
}

/** From a path in a package: /lib and its like are links to those below /usr. */
export function placeInTree(path: string): string {
  return path.replace(/^\.?\//, '').replace(/^(bin|sbin|lib|lib64)\//, 'usr/$1/');
}

/** Packages that some of these files come from; a text of a licence alone makes none. */
export function packagesWith(
  packages: readonly UnpackedPackage[],
  files: readonly string[],
): readonly DebianPackage[] {
  const taken = new Set(files.filter((path) => !/^usr\/share\/doc\//.test(path)));
  return packages.flatMap(({ paths, ...one }) => (paths.some((path) => taken.has(path)) ? [one] : []));
}

export interface UnpackedTree {
  /** Every path that is no folder. */
  readonly paths: ReadonlySet<string>;
  /** Of a symbolic link: the path that it leads to. */
  readonly target: (path: string) => string | undefined;
  /** Of a program or library: the names of the libraries that it is linked against. */
  readonly needs: (path: string) => readonly string[];
}

/** What may be executed: without that an engine gets no process of its own, and GStreamer can't look into plugins aside. */
export function isProgram(path: string): boolean {
  return /(^usr\/s?bin\/|\/bin\/node$|\/goshawk-engine-host$|\/gst-plugin-scanner$|\/ld-linux-|\.so(\.|$)|\.node$)/.test(
    path,
  );
}

/** Debian's packages have links to what is made when they are installed, such as /etc/localtime. */
export function leadsSomewhere(path: string, tree: Pick<UnpackedTree, 'paths' | 'target'>): boolean {
  if (!tree.paths.has(path)) return false;
  const target = tree.target(path);
  return target === undefined || leadsSomewhere(target, tree);
}

export interface Selection {
  readonly files: readonly string[];
  /** Where the loader looks -> where the library is: Debian's packages make these links when they are installed. */
  readonly links: ReadonlyMap<string, string>;
  /** What is wanted or needed and not in the tree. */
  readonly missing: readonly string[];
}

/** The files named, the loader, what they lead to, and all libraries that they need. */
export function filesOf(
  wanted: readonly string[],
  architecture: Architecture,
  tree: UnpackedTree,
): Selection {
  const folder = `usr/lib/${triples[architecture]}`;
  const elsewhere = new Map(
    [...tree.paths].filter((path) => path.startsWith(`${folder}/`)).map((path) => [nameOf(path), path]),
  );
  const files = new Set<string>();
  const links = new Map<string, string>();
  const missing = new Set<string>();
  const takeLibrary = (name: string, by: string) => {
    const path = `${folder}/${name}`;
    const found = tree.paths.has(path) ? path : (elsewhere.get(name) ?? path);
    if (found !== path) links.set(path, found);
    take(found, by);
  };
  const take = (path: string, by: string) => {
    if (files.has(path)) return;
    if (!tree.paths.has(path)) return void missing.add(`${path} (${by})`);
    files.add(path);
    const target = tree.target(path);
    if (target !== undefined) return take(target, path);
    for (const name of tree.needs(path)) takeLibrary(name, path);
  };
  for (const path of [loaders[architecture], ...wanted])
    take(path.replace('*', triples[architecture]), 'wanted');
  return { files: [...files].sort(), links, missing: [...missing].sort() };
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
