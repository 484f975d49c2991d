// Debian's packages that tests use.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, say } from './setup.mjs';

/** Programs and libraries of the system that some tests use, by Debian's package names, with what is lost without: those of `npm test`. */
const forMainPath = [
  ['ffmpeg', 'ffmpeg', 'video files'],
  ['mosquitto', 'mosquitto', 'the broker contract against Mosquitto'],
  ['g++', 'g++', 'the native data plane'],
  ['make', 'make', 'the native data plane'],
  ['libturbojpeg0-dev', '/usr/include/turbojpeg.h', 'JPEG in the native data plane'],
  ['libonnxruntime-dev', '/usr/include/onnxruntime', 'the native ONNX Runtime engine'],
];

/** Those of the rest. */
const forTheRest = [
  ['chromium', 'chromium', 'the dashboard in a real browser'],
  ['g++-aarch64-linux-gnu', 'aarch64-linux-gnu-g++', 'the arm64 code of the letterbox, on a PC'],
  ['qemu-user-static', 'qemu-aarch64-static', 'the arm64 code of the letterbox, on a PC'],
  ['cyclonedds-dev', '/usr/include/dds/dds.h', 'ROS 2 topics without ROS 2'],
  [
    'libfastdds-dev',
    '/usr/include/fastdds/dds/domain/DomainParticipant.hpp',
    'ROS 2 topics with another vendor',
  ],
  [
    'libgstreamer-plugins-base1.0-dev',
    '/usr/include/gstreamer-1.0/gst/app/gstappsink.h',
    'GStreamer in process',
  ],
  ['gstreamer1.0-libav', '/usr/share/doc/gstreamer1.0-libav', 'H.264 and H.265 cameras'],
  ['gstreamer1.0-plugins-good', '/usr/share/doc/gstreamer1.0-plugins-good', 'RTSP cameras'],
  ['gstreamer1.0-plugins-ugly', '/usr/share/doc/gstreamer1.0-plugins-ugly', 'the encoder of a test camera'],
  ['gstreamer1.0-plugins-bad', '/usr/share/doc/gstreamer1.0-plugins-bad', 'the encoder of a test camera'],
  ['gir1.2-gst-rtsp-server-1.0', '/usr/share/doc/gir1.2-gst-rtsp-server-1.0', 'a real RTSP server'],
  ['python3-gi', '/usr/share/doc/python3-gi', 'a real RTSP server'],
  ['fastddsgen', 'fastddsgen', 'ROS 2 topics with another vendor'],
  ['skopeo', 'skopeo', 'models in the registries of others'],
  ['oras', 'oras', 'models in the registries of others'],
  ['docker-registry', 'docker-registry', 'models in the registries of others'],
  ['zstd', 'zstd', 'models that travel packed'],
  ['apt-utils', 'apt-ftparchive', 'an apt repository of the packages'],
  ['gpg', 'gpg', 'an apt repository of the packages'],
  ['python3-onnx', '/usr/lib/python3/dist-packages/onnx', "ONNX's own checker on optimized models"],
  ['python3-torch', '/usr/lib/python3/dist-packages/torch', 'recovery training'],
  ['python3-onnxruntime', '/usr/lib/python3/dist-packages/onnxruntime', 'comparison with Python'],
  ['python3-grpcio', '/usr/share/doc/python3-grpcio', 'requests over gRPC from Python'],
  ['protobuf-compiler-grpc', 'grpc_python_plugin', 'requests over gRPC from Python'],
  ['rabbitmq-server', '/usr/lib/rabbitmq/bin/rabbitmq-server', 'a fleet whose broker is RabbitMQ'],
  ['postgresql-17', '/usr/lib/postgresql/17/bin/initdb', "the controller's store in PostgreSQL"],
  ['python3-swift', '/usr/lib/python3/dist-packages/swift', 'models in an S3 store of others'],
  ['docker-compose', 'docker-compose', 'the compose file of several controllers'],
  ['kustomize', 'kustomize', 'the manifests of several controllers on Kubernetes'],
  ['prometheus', 'promtool', 'metrics, rules and dashboards against Prometheus'],
  ['victoria-metrics', 'victoria-metrics', 'metrics by OTLP against another receiver than Prometheus'],
  ['prometheus-alertmanager', 'prometheus-alertmanager', 'alerts against Alertmanager'],
  ['rauc', 'rauc', 'pages of the docs with an update of the system'],
  ['squashfs-tools', 'mksquashfs', 'pages of the docs with an update of the system'],
  ['shellcheck', 'shellcheck', 'the scripts that are shipped'],
  ['python3-opencv', '/usr/share/doc/python3-opencv', 'comparison with OpenCV'],
];

function isThere(probe) {
  if (probe.startsWith('/')) return existsSync(probe);
  return spawnSync('sh', ['-c', `command -v ${probe}`], { stdio: 'ignore' }).status === 0;
}

/** Debian's PostgreSQL makes and starts a database when it is installed; the tests start their own. */
function withoutDatabase(install) {
  const folder = '/etc/postgresql-common/createcluster.d';
  const file = join(folder, 'goshawk-tests.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'create_main_cluster = false\n');
  try {
    return install();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Installs what is missing where it may, which is root on Debian; says what is skipped where not. */
export function ensureSystemPackages({ all = false } = {}) {
  const missing = (all ? [...forMainPath, ...forTheRest] : forMainPath).filter(
    ([, probe]) => !isThere(probe),
  );
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  const install = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...names];
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    say(`Installing system packages for the tests: ${names.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const quiet = { env, stdio: ['ignore', 'ignore', 2] };
    const installed = withoutDatabase(
      () => run('apt-get', ['update', '-q'], quiet) === 0 && run(install[0], install.slice(1), quiet) === 0,
    );
    if (installed) return;
    say('apt-get could not install them all; the tests that need them are skipped and counted.');
    return;
  }
  say(`Not installed: ${names.join(', ')}. The tests that need them are skipped and counted:`);
  for (const [name, , what] of missing) say(`  ${name}: ${what}`);
  say(`To run them too: sudo ${install.join(' ')}`);
}
