/* The two packages. They hold the same program; apart are their service, its settings and its state. */

export interface PackageDefinition {
  readonly name: string;
  /** Name of the command, of the settings file and of the unit's last word. */
  readonly service: 'agent' | 'controller';
  /** The service runs as it; two, so that one can't read the keys and the state of the other. */
  readonly user: string;
  /** Units beside that of the service; each is enabled and started with it. */
  readonly helpers: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly recommends: readonly string[];
  readonly suggests: readonly string[];
  /** Where both are installed, `goshawk` is the one with the higher number. */
  readonly priority: number;
  /** Beside what both have: path in the package -> file of the project, with the facts of the package filled in. */
  readonly files: Readonly<Record<string, string>>;
  /** Below /usr/share/doc/<package>/examples. */
  readonly examples: readonly string[];
}

export const packages: readonly PackageDefinition[] = [
  {
    name: 'goshawk-agent',
    service: 'agent',
    user: 'goshawk',
    helpers: ['goshawk-update.path'],
    summary: 'perception on this device, as a member of a fleet',
    description:
      'The agent runs object detection on the cameras of this machine, publishes what it sees to ROS 2 nodes, watches its ' +
      'cameras and its model for drift, and does what its fleet orders: another model, other settings. It brings its own ' +
      'Node and ONNX Runtime.',
    // Debian's name of a library, then Ubuntu's or an older one; what a release does not have, apt leaves out.
    recommends: [
      'libturbojpeg0 | libturbojpeg',
      'libddsc0t64 | libddsc0debian',
      'libfastdds3.1',
      'ffmpeg',
      'libgstreamer-plugins-base1.0-0',
      'gstreamer1.0-plugins-base',
      'gstreamer1.0-plugins-good',
      'gstreamer1.0-plugins-bad',
      'gstreamer1.0-libav',
      // Makes the way back of the first update by the fleet.
      'dpkg-repack',
    ],
    suggests: ['goshawk-controller'],
    priority: 20,
    files: {
      'etc/default/goshawk-update': 'deploy/update/environment',
      'usr/lib/goshawk-agent/update/run': 'deploy/update/run',
      'usr/lib/goshawk-agent/update/package': 'deploy/update/package',
      'usr/lib/goshawk-agent/update/system': 'deploy/update/system',
      'usr/lib/goshawk-agent/update/states': 'deploy/update/states',
      'usr/lib/systemd/system/goshawk-reboot.path': 'deploy/systemd/goshawk-reboot.path',
      'usr/lib/systemd/system/goshawk-reboot.service': 'deploy/systemd/goshawk-reboot.service',
      'usr/lib/systemd/system/goshawk-update.path': 'deploy/systemd/goshawk-update.path',
      'usr/lib/systemd/system/goshawk-update.service': 'deploy/systemd/goshawk-update.service',
      'usr/lib/udev/rules.d/60-goshawk-agent.rules': 'deploy/package/60-goshawk-agent.rules',
      'usr/lib/sysctl.d/60-goshawk-agent.conf': 'deploy/ros2/60-goshawk-ros2.conf',
      'usr/lib/goshawk-agent/share/jetson.conf': 'deploy/systemd/goshawk-agent-jetson.conf',
      'usr/lib/systemd/system-generators/goshawk-agent-jetson': 'deploy/package/jetson-generator.sh',
    },
    examples: ['deploy/systemd/agent.json', 'deploy/systemd/agent.schema.json', 'deploy/ros2'],
  },
  {
    name: 'goshawk-controller',
    service: 'controller',
    user: 'goshawk-controller',
    helpers: [],
    summary: 'controller and dashboard of a fleet of Goshawk devices',
    description:
      'The controller keeps what the devices of a fleet report, decides which model each of them runs, raises alerts, and ' +
      'serves the HTTP API and the dashboard. It needs an MQTT broker. It brings its own Node.',
    recommends: ['mosquitto'],
    suggests: ['goshawk-agent'],
    priority: 10,
    files: {},
    examples: [
      'deploy/systemd/controller.json',
      'deploy/systemd/controller.schema.json',
      'deploy/cluster',
      'deploy/broker',
      'deploy/prometheus',
    ],
  },
];

export const rootOf = ({ name }: PackageDefinition) => `/usr/lib/${name}`;
export const stateOf = ({ name }: PackageDefinition) => `/var/lib/${name}`;
export const unitOf = ({ name }: PackageDefinition) => `${name}.service`;
