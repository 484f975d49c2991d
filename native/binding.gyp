# Read by node-gyp; called by native/build.mjs, which finds the headers and builds each target on its own so that one
# that does not compile costs nothing but itself.
{
  'variables': {
    'node_addon_api_include%': '',
    'onnxruntime_include%': '',
    'tensorrt_include%': '',
    'cuda_include%': '',
    'cyclonedds_include%': '',
    'fastdds_include%': '',
    # Fast DDS 2 has its headers and its library under other names; see src/dds/fastdds/api.h.
    'fastdds_major%': 3,
    # Of libraries that lie where the linker and the loader don't look, such as /opt/ros.
    'cyclonedds_library%': '',
    'fastdds_library%': '',
    # Of GStreamer and GLib, by space.
    'gstreamer_includes%': '',
    # 1: for a machine with an older C library than this one's; see src/base/portable.h.
    'portable%': 0,
    'fallback_include%': '',
  },
  'target_defaults': {
    'cflags!': ['-fno-exceptions'],
    'cflags_cc!': ['-fno-exceptions', '-std=gnu++17', '-std=gnu++20'],
    'cflags': ['-Wall', '-Wextra', '-fvisibility=hidden'],
    # No contraction to fused multiply-add: scalar and vector code must give the same bits.
    'cflags_cc': ['-std=c++17', '-fexceptions', '-ffp-contract=off', '-fvisibility-inlines-hidden'],
    'ldflags': ['-Wl,-z,now', '-Wl,-z,relro', '-Wl,--no-undefined-version'],
    'configurations': {
      'Release': {'cflags': ['-O3', '-g1']},
    },
    'conditions': [
      ['fallback_include!=""', {'cflags': ['-idirafter', '<(fallback_include)']}],
      ['portable==1', {
        # Nothing of this machine's paths in the result: the same source gives the same bytes anywhere.
        'cflags': ['-include', '<(module_root_dir)/src/base/portable.h', '-ffile-prefix-map=<(module_root_dir)=.', '-ffunction-sections', '-fdata-sections'],
        'ldflags': ['-static-libstdc++', '-static-libgcc', '-Wl,--exclude-libs,ALL', '-Wl,--as-needed', '-Wl,--gc-sections', '-Wl,--strip-debug', '-L<(module_root_dir)/build/stubs'],
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'goshawk',
      'include_dirs': ['<(node_addon_api_include)'],
      'defines': ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS'],
      'sources': [
        'src/base/image.cc', 'src/base/library.cc',
        'src/base/slice.cc', 'src/base/compute_thread.cc', 'src/base/locked_process.cc', 'src/core/prompt_thread.cc', 'src/core/crash_note.cc',
        'src/core/engine.cc', 'src/core/slot.cc', 'src/core/detector.cc', 'src/core/service_notify.cc', 'src/core/secret_memory.cc',
        'src/preprocess/letterbox.cc', 'src/preprocess/jpeg.cc', 'src/preprocess/sampled_thumbnail.cc',
        'src/preprocess/convert.cc', 'src/preprocess/kernels_scalar.cc',
        'src/preprocess/kernels_avx2.cc', 'src/preprocess/kernels_neon.cc',
        'src/postprocess/candidates.cc', 'src/postprocess/decode.cc', 'src/postprocess/nms.cc',
        'src/postprocess/postprocess.cc',
        'src/bindings/addon.cc', 'src/bindings/registry.cc', 'src/bindings/convert.cc',
        'src/bindings/engine_binding.cc', 'src/bindings/detector_binding.cc', 'src/bindings/stages_binding.cc',
        'src/bindings/v4l2_binding.cc', 'src/bindings/secret_binding.cc', 'src/bindings/convert_binding.cc',
      ],
      'libraries': ['-ldl', '-lpthread'],
    },
    {
      'target_name': 'goshawk_reference',
      'sources': ['plugins/reference/fake_device.cc', 'plugins/reference/mapped_picture.cc', 'plugins/reference/reference_engine.cc'],
      'libraries': ['-lpthread'],
      'ldflags': ['-Wl,--version-script=<(module_root_dir)/plugins/exports.map'],
    },
    {
      'target_name': 'goshawk_onnxruntime',
      'include_dirs': ['<(onnxruntime_include)'],
      'sources': ['plugins/onnxruntime/onnxruntime_device.cc', 'plugins/onnxruntime/onnxruntime_engine.cc'],
      'libraries': ['-ldl', '-lpthread'],
      'ldflags': ['-Wl,--version-script=<(module_root_dir)/plugins/exports.map'],
    },
    {
      'target_name': 'goshawk_isolated',
      'sources': ['plugins/isolated/channel.cc', 'plugins/isolated/shared_memory.cc', 'plugins/isolated/engine_process.cc', 'plugins/isolated/isolated_plugin.cc'],
      'libraries': ['-lpthread'],
      'ldflags': ['-Wl,--version-script=<(module_root_dir)/plugins/exports.map'],
    },
    {
      # The program that an isolated engine runs in.
      'target_name': 'goshawk_engine_host',
      'type': 'executable',
      'sources': ['plugins/isolated/channel.cc', 'plugins/isolated/shared_memory.cc', 'src/host/engine_host.cc', 'src/base/compute_thread.cc', 'src/base/locked_process.cc', 'src/base/slice.cc'],
      'libraries': ['-ldl', '-lpthread'],
    },
    {
      # An addon of its own: goshawk.node needs no Cyclone DDS.
      'target_name': 'goshawk_dds',
      'include_dirs': ['<(node_addon_api_include)', '<(cyclonedds_include)'],
      'defines': ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS'],
      'sources': ['src/dds/cyclone/raw_type.cc', 'src/dds/cyclone/endpoint.cc', 'src/bindings/dds_addon.cc'],
      'libraries': ['-Wl,--no-as-needed', '-lddsc', '-lpthread'],
      'conditions': [['cyclonedds_library!=""', {'ldflags': ['-L<(cyclonedds_library)', '-Wl,-rpath,<(cyclonedds_library)']}]],
    },
    {
      # The same addon over the other middleware.
      'target_name': 'goshawk_fastdds',
      'include_dirs': ['<(node_addon_api_include)', '<(fastdds_include)'],
      'defines': ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS', 'GOSHAWK_FASTDDS_MAJOR=<(fastdds_major)'],
      'sources': ['src/dds/fastdds/participant.cc', 'src/dds/fastdds/endpoint.cc', 'src/bindings/dds_addon.cc'],
      'libraries': ['-Wl,--no-as-needed', '-lfastcdr', '-lpthread'],
      'conditions': [
        ['fastdds_major==2', {'libraries': ['-lfastrtps']}, {'libraries': ['-lfastdds']}],
        # Fast CDR lies there too; Fast DDS itself does not say where, so that the addon names it although it calls nothing of it.
        ['fastdds_library!=""', {'ldflags': ['-L<(fastdds_library)', '-Wl,-rpath,<(fastdds_library)', '-Wl,--no-as-needed']}],
      ],
      # Fast DDS asks of which class our transport is.
      'cflags_cc!': ['-fno-rtti'],
      # C++ objects go to and fro: it must be the library's own libstdc++.
      'ldflags!': ['-static-libstdc++', '-static-libgcc'],
    },
    {
      # An addon of its own: goshawk.node needs no GStreamer.
      'target_name': 'goshawk_gstreamer',
      'include_dirs': ['<(node_addon_api_include)'],
      'cflags': ['<!@(for folder in <(gstreamer_includes); do printf -- "-isystem %s " "$folder"; done)'],
      'defines': ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS'],
      'sources': ['src/gstreamer/pipeline.cc', 'src/gstreamer/picture.cc', 'src/gstreamer/device_capture.cc', 'src/bindings/gstreamer_addon.cc'],
      'libraries': ['-Wl,--no-as-needed', '-lgstapp-1.0', '-lgstallocators-1.0', '-lgstvideo-1.0', '-lgstreamer-1.0', '-lgobject-2.0', '-lglib-2.0', '-lpthread'],
    },
    {
      # No CUDA and no TensorRT library is linked: both are opened at run time, so that what is missing can be said.
      'target_name': 'goshawk_tensorrt',
      'cflags': ['-isystem', '<(tensorrt_include)', '-isystem', '<(cuda_include)'],
      'sources': [
        'plugins/tensorrt/cuda_driver.cc', 'plugins/tensorrt/tensorrt_library.cc',
        'plugins/tensorrt/tensorrt_build.cc', 'plugins/tensorrt/tensorrt_engine.cc',
        'plugins/tensorrt/cuda_letterbox.cc', 'plugins/tensorrt/picture_import.cc', 'plugins/tensorrt/tensorrt_device.cc',
      ],
      'libraries': ['-ldl', '-lpthread'],
      'ldflags': ['-Wl,--version-script=<(module_root_dir)/plugins/exports.map'],
    },
  ],
}
