// What the native parts are made of: of each one its sources, headers, libraries and flags. compile.mjs turns them into calls
// of the compiler.
import path from 'node:path';

const addon = { kind: 'library', defines: ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS'] };
/** Exports one function; its engine's libraries are opened at run time, so that what is missing can be said. */
const plugin = { kind: 'library', link: ['-Wl,--version-script=plugins/exports.map'] };

const of = (folder, names) => names.map((name) => `${folder}/${name}.cc`);
/** Of libraries that lie where neither the linker nor the loader looks, such as /opt/ros. */
const libraryIn = (folder) => (folder === undefined ? [] : [`-L${folder}`, `-Wl,-rpath,${folder}`]);
const system = (...folders) => folders.flatMap((folder) => ['-isystem', folder]);

/** For Node's addons; `found` is what build.mjs found on this machine. */
const nodeHeaders = ({ nodeAddonApi, nodeHeaders }) => system(nodeAddonApi, nodeHeaders);

/** Each by its name: `file` it becomes, `sources`, `libraries`, `defines`, and flags to `compile` and `link` with. */
export const targets = {
  addon: (found) => ({
    ...addon,
    file: 'goshawk.node',
    compile: nodeHeaders(found),
    sources: [
      ...of('src/base', ['image', 'library', 'slice', 'compute_thread', 'locked_process']),
      ...of('src/core', [
        'prompt_thread',
        'crash_note',
        'engine',
        'slot',
        'detector',
        'service_notify',
        'secret_memory',
      ]),
      ...of('src/preprocess', ['letterbox', 'jpeg', 'thumbnail', 'convert']),
      ...of('src/preprocess', ['kernels_scalar', 'kernels_avx2', 'kernels_neon']),
      ...of('src/postprocess', [
        'candidates',
        'check_outputs',
        'head_rows',
        'head_boxes',
        'head_parts',
        'head_map',
        'head_decoder',
        'nms',
        'head_regions',
        'head_text',
        'least_box',
        'postprocess',
      ]),
      ...of('src/bindings', [
        'addon',
        'registry',
        'convert',
        'head_value',
        'engine_binding',
        'detector_binding',
        'stages_binding',
      ]),
      ...of('src/bindings', ['v4l2_binding', 'secret_binding', 'convert_binding']),
    ],
    libraries: ['dl'],
  }),
  isolated: () => ({
    ...plugin,
    file: 'goshawk_isolated.so',
    sources: of('plugins/isolated', ['channel', 'shared_memory', 'engine_process', 'isolated_plugin']),
    libraries: [],
  }),
  /** The program that an isolated engine runs in. */
  engineHost: () => ({
    kind: 'program',
    file: 'goshawk-engine-host',
    sources: [
      ...of('plugins/isolated', ['channel', 'shared_memory']),
      'src/host/engine_host.cc',
      ...of('src/base', ['compute_thread', 'locked_process', 'slice']),
    ],
    libraries: ['dl'],
  }),
  reference: () => ({
    ...plugin,
    file: 'goshawk_reference.so',
    sources: of('plugins/reference', ['fake_device', 'mapped_picture', 'reference_engine']),
    libraries: [],
  }),
  onnxruntime: ({ onnxruntime }) => ({
    ...plugin,
    file: 'goshawk_onnxruntime.so',
    compile: [`-I${onnxruntime}`],
    sources: of('plugins/onnxruntime', ['onnxruntime_device', 'onnxruntime_engine']),
    libraries: ['dl'],
  }),
  tensorrt: ({ tensorrt, cudaInclude }) => ({
    ...plugin,
    file: 'goshawk_tensorrt.so',
    compile: system(tensorrt, cudaInclude),
    sources: of('plugins/tensorrt', [
      ...['cuda_driver', 'tensorrt_library', 'tensorrt_build', 'tensorrt_engine', 'cuda_letterbox'],
      ...['picture_import', 'tensorrt_device'],
    ]),
    libraries: ['dl'],
  }),
  /** An addon of its own: goshawk.node needs no Cyclone DDS. */
  dds: (found) => ({
    ...addon,
    file: 'goshawk_dds.node',
    compile: [...nodeHeaders(found), `-I${found.cyclonedds.include}`],
    sources: [...of('src/dds/cyclone', ['raw_type', 'endpoint']), 'src/bindings/dds_addon.cc'],
    libraries: ['ddsc'],
    link: libraryIn(found.cyclonedds.library),
  }),
  /** The same addon over the other middleware. */
  fastdds: (found) => ({
    ...addon,
    file: 'goshawk_fastdds.node',
    compile: [...nodeHeaders(found), `-I${found.fastdds.include}`],
    defines: [...addon.defines, `GOSHAWK_FASTDDS_MAJOR=${found.fastdds.major}`],
    sources: [...of('src/dds/fastdds', ['participant', 'endpoint']), 'src/bindings/dds_addon.cc'],
    // Fast CDR lies beside Fast DDS, which does not say where: the addon names it although it calls nothing of it.
    libraries: ['fastcdr', found.fastdds.major === 2 ? 'fastrtps' : 'fastdds'],
    link: libraryIn(found.fastdds.library),
    // Fast DDS asks of which class our transport is, and C++ objects go to and fro: it must be the library's own libstdc++.
    rtti: true,
    sharedRuntime: true,
  }),
  /** An addon of its own: goshawk.node needs no GStreamer. */
  gstreamer: (found) => ({
    ...addon,
    file: 'goshawk_gstreamer.node',
    compile: [...nodeHeaders(found), ...system(...found.gstreamer)],
    sources: [
      ...of('src/gstreamer', ['pipeline', 'picture', 'device_capture', 'memfd_allocator', 'stream_tap']),
      'src/bindings/gstreamer_addon.cc',
    ],
    libraries: [
      'gstapp-1.0',
      'gstallocators-1.0',
      'gstvideo-1.0',
      'gstreamer-1.0',
      'gobject-2.0',
      'glib-2.0',
    ],
    // A type of GObject's can't be taken back, so the code behind it must stay.
    link: ['-Wl,-z,nodelete'],
    // Of a package: nothing that GLib 2.72 (JetPack 6) has not.
    portableDefines: [
      'GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_72',
      'GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_72',
    ],
  }),
};

/** What the package's libraries are called where it runs, for those that the building machine need not have. */
export const sonames = {
  // Debian's name, of 12 and 13.
  ddsc: 'libddsc.so.0debian',
  fastdds: 'libfastdds.so.3.1',
  fastcdr: 'libfastcdr.so.2',
  'gstapp-1.0': 'libgstapp-1.0.so.0',
  'gstallocators-1.0': 'libgstallocators-1.0.so.0',
  'gstvideo-1.0': 'libgstvideo-1.0.so.0',
  'gstreamer-1.0': 'libgstreamer-1.0.so.0',
  'gobject-2.0': 'libgobject-2.0.so.0',
  'glib-2.0': 'libglib-2.0.so.0',
};

const languageFlags = [
  '-std=c++17',
  '-fexceptions',
  '-O3',
  '-g1',
  '-fPIC',
  '-pthread',
  '-fno-omit-frame-pointer',
];
const visibility = ['-fvisibility=hidden', '-fvisibility-inlines-hidden'];
const warnings = ['-Wall', '-Wextra', '-Wno-unused-parameter'];

/** From one source to an object; paths are relative to `native`, where the compiler is started. */
export function compileArguments(target, { portable = false, fallbackInclude } = {}) {
  const { defines = [], portableDefines = [], compile = [], rtti = false } = target;
  return [
    // No contraction to fused multiply-add: scalar and vector code must give the same bits.
    ...[...languageFlags, ...visibility, ...warnings, '-ffp-contract=off', ...(rtti ? [] : ['-fno-rtti'])],
    ...['_FILE_OFFSET_BITS=64', ...defines, ...(portable ? portableDefines : [])].map((each) => `-D${each}`),
    // Nothing of this machine's paths in the result: the same source gives the same bytes anywhere.
    ...(portable ? ['-include', 'src/base/portable.h', '-ffunction-sections', '-fdata-sections'] : []),
    ...(portable ? prefixMaps() : []),
    ...compile,
    // Debian puts a library's generated headers into its processor's folder; a cross compiler looks into another one.
    ...(fallbackInclude === undefined ? [] : ['-idirafter', fallbackInclude]),
  ];
}

const prefixMaps = () => [`-ffile-prefix-map=${path.resolve(import.meta.dirname)}=.`];

/** From objects to a library or a program. `stubs`: a folder of libraries that have nothing but their names. */
export function linkArguments(target, objects, file, { portable = false, stubs } = {}) {
  const { kind, libraries, link = [], sharedRuntime = false } = target;
  return [
    ...(kind === 'program' ? ['-rdynamic'] : ['-shared', `-Wl,-soname,${path.basename(target.file)}`]),
    ...['-pthread', '-Wl,-z,now', '-Wl,-z,relro', '-Wl,--no-undefined-version'],
    ...(portable && !sharedRuntime ? ['-static-libstdc++', '-static-libgcc'] : []),
    ...(portable
      ? ['-Wl,--exclude-libs,ALL', '-Wl,--as-needed', '-Wl,--gc-sections', '-Wl,--strip-debug']
      : []),
    ...(stubs === undefined ? [] : [`-L${stubs}`]),
    ...link,
    ...objects,
    // Those of a target are named in any case: a stub gives no symbol by which the linker could see that it is needed.
    ...['-Wl,--push-state,--no-as-needed', ...libraries.map((name) => `-l${name}`), '-Wl,--pop-state'],
    ...['-lpthread', '-o', file],
  ];
}
