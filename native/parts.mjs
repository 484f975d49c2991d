// The parts of the native data plane: what each is built from, and what to do where it can't be.

export const compiled = (name, detail) => ({ name, state: 'compiled', detail, remedy: '' });
export const skipped = (name, detail, remedy) => ({ name, state: 'skipped', detail, remedy });
export const failed = (name, detail, remedy) => ({ name, state: 'failed', detail, remedy });

/** What is built here, in the report's order. On a board what depends on it: the rest came compiled. */
export function parts(builder, found, { portable, onBoard }) {
  const ofMachine = [
    () => tensorrt(builder, found, portable),
    () => dds(builder, found),
    () => fastdds(builder, found),
    () => gstreamer(builder, found),
    ...(portable ? [] : [() => builder.cudaKernel()]),
  ];
  if (onBoard) return ofMachine;
  return [
    () => builder.part('addon', `with ${found.compiler}`, 'addon'),
    () => builder.part('isolation', 'engines in processes of their own', 'isolated', 'engineHost'),
    ...(portable ? [] : [() => builder.part('reference', 'the fake engine of the tests', 'reference')]),
    () => onnxruntime(builder, found),
    ...ofMachine,
  ];
}

async function onnxruntime(builder, found) {
  if (found.onnxruntime !== undefined)
    return builder.part('onnxruntime', `against ${found.onnxruntime}`, 'onnxruntime');
  return builder.leaveOut(
    'goshawk_onnxruntime.so',
    skipped(
      'onnxruntime',
      'onnxruntime_c_api.h was not found',
      "On Debian 13: sudo apt-get install libonnxruntime-dev; elsewhere unpack ONNX Runtime's release archive and set GOSHAWK_ONNXRUNTIME_INCLUDE to its include folder.",
    ),
  );
}

async function tensorrt(builder, found, portable) {
  const missing =
    (found.tensorrt === undefined && 'NvInfer.h') || (found.cudaInclude === undefined && 'cuda.h');
  if (!portable && !missing) return builder.part('tensorrt', `against ${found.tensorrt}`, 'tensorrt');
  const file = 'goshawk_tensorrt.so';
  if (portable)
    return builder.leaveOut(
      file,
      skipped('tensorrt', 'it is compiled on the board, against its TensorRT', 'sudo goshawk native build'),
    );
  return builder.leaveOut(
    file,
    skipped(
      'tensorrt',
      `${missing} was not found`,
      'On a Jetson: sudo apt-get install nvidia-jetpack (or libnvinfer-dev libnvonnxparsers-dev alone); or set GOSHAWK_TENSORRT_INCLUDE and GOSHAWK_CUDA_HOME.',
    ),
  );
}

/** The addon for one middleware: where its headers are missing, or are of a version that it is not written for, it is skipped. */
async function middleware(builder, name, product, found, remedy) {
  if (found?.include !== undefined) {
    const which = found.version === undefined ? '' : `${product} ${found.version} in `;
    return builder.part(name, `against ${which}${found.include}`, name);
  }
  return builder.leaveOut(
    `goshawk_${name}.node`,
    skipped(name, found?.problem ?? `the headers of ${product} were not found`, remedy),
  );
}

const dds = (builder, { cyclonedds }) =>
  middleware(
    builder,
    'dds',
    'Cyclone DDS',
    cyclonedds,
    'ROS 2 without a ROS installation needs them. On Debian 12 or 13: sudo apt-get install cyclonedds-dev; with ROS 2: sudo apt-get install ros-$ROS_DISTRO-cyclonedds; elsewhere build Cyclone DDS 0.10 and set GOSHAWK_CYCLONEDDS_INCLUDE.',
  );

const fastdds = (builder, { fastdds: found }) =>
  middleware(
    builder,
    'fastdds',
    'Fast DDS',
    found,
    'Pictures of a Fast DDS camera come through shared memory with them. On Debian 13: sudo apt-get install libfastdds-dev; with ROS 2 Humble or Jazzy: sudo apt-get install ros-$ROS_DISTRO-fastrtps, and source it; elsewhere build Fast DDS 3, 2.14 or 2.6 and set GOSHAWK_FASTDDS_INCLUDE.',
  );

async function gstreamer(builder, found) {
  if (found.gstreamer !== undefined)
    return builder.part('gstreamer', `against ${found.gstreamer[0]}`, 'gstreamer');
  return builder.leaveOut(
    'goshawk_gstreamer.node',
    skipped(
      'gstreamer',
      'the headers of GStreamer were not found',
      'Network cameras take less of the processor with it; without it they are read through ffmpeg. On Debian or Ubuntu: sudo apt-get install libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev.',
    ),
  );
}
