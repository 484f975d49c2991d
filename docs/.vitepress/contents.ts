/** The table of contents of the docs: the side bar, and what the search leaves out. Every page of `docs` is in it. */
export interface Chapter {
  readonly title: string;
  /** Title in the side bar, and the page without `.md`. */
  readonly pages: readonly (readonly [title: string, page: string])[];
  /** Left out of the search: pages to check a claim with, and pages for contributors. */
  readonly evidence?: boolean;
}

export const contents: readonly Chapter[] = [
  {
    title: 'Start',
    pages: [
      ['What Goshawk is', 'index'],
      ['Comparison', 'comparison'],
      ['Quick starts', 'quick-starts'],
      ['Tutorial', 'tutorial'],
    ],
  },
  {
    title: 'Models',
    pages: [
      ['Bring your model', 'model-bundle'],
      ['Optimize', 'optimize'],
      ['Release from CI', 'model-ci'],
      ['Inference by request', 'inference'],
    ],
  },
  {
    title: 'Devices',
    pages: [
      ['Packages', 'packages'],
      ['Containers', 'containers'],
      ['Jetson', 'jetson'],
      ['Flash an image', 'flash'],
      ['Cameras', 'cameras'],
      ['Several models', 'pipelines'],
      ['Slots and shadows', 'slots'],
      ['Targets', 'targets'],
      ['Zones and lines', 'zones'],
      ['Results as streams', 'streams'],
      ['Clips', 'clips'],
      ['Privacy', 'privacy'],
      ['Enrolment', 'enrolment'],
      ['Keys in a TPM or token', 'device-keys'],
      ['Another certificate authority', 'est'],
    ],
  },
  {
    title: 'Fleet',
    pages: [
      ['Operate a fleet', 'operating'],
      ['Database and backup', 'controller-database'],
      ['Rollouts', 'rollouts'],
      ['Gates', 'rollout-gates'],
      ['Compare two versions', 'experiments'],
      ['Require a second person', 'approvals'],
      ['Update only when safe', 'safe-updates'],
      ['Update agents', 'updates'],
      ['Alerts', 'alerts'],
      ['Notification channels', 'notifications'],
      ['Drift', 'drift'],
      ['Profiles', 'profiles'],
      ['Registry', 'registry'],
      ['Downloads', 'downloads'],
      ['Share TensorRT plans', 'share-engines'],
      ['Signed models', 'trust'],
      ['Manage and recover keys', 'keys'],
      ['Encryption', 'encryption'],
      ['Supply chain', 'supply-chain'],
    ],
  },
  {
    title: 'ROS 2',
    pages: [['Goshawk in a ROS 2 graph', 'ros2']],
  },
  {
    title: 'Explanation',
    pages: [
      ['The system in one picture', 'system'],
      ['How gates decide', 'how-gates-decide'],
      ['How the fleet judges alarms', 'fleet-alarms'],
      ['How trust works', 'how-trust-works'],
    ],
  },
  {
    title: 'Reference',
    pages: [
      ['Command line', 'cli'],
      ['Settings', 'settings'],
      ['HTTP API', 'http-api'],
      ['MQTT', 'mqtt'],
      ['Errors', 'errors'],
      ['Support matrix', 'support'],
      ['Glossary', 'glossary'],
    ],
  },
  {
    title: 'Help',
    pages: [
      ['Troubleshooting', 'troubleshooting'],
      ['Questions', 'faq'],
      ['Upgrade', 'upgrade'],
    ],
  },
  {
    title: 'Evidence',
    evidence: true,
    pages: [
      ['What happens when it breaks', 'evidence/failures'],
      ['Measurements', 'evidence/measurements'],
      ['ROS 2', 'evidence/ros2'],
      ['Commands beside ros2', 'evidence/ros2-commands'],
      ['Attacks', 'evidence/attacks'],
      ['Packages and containers', 'evidence/packages'],
      ['Cameras', 'evidence/cameras'],
      ['Enrolment', 'evidence/enrolment'],
      ['Rollouts', 'evidence/rollouts'],
      ['Gates', 'evidence/rollout-gates'],
      ['Alerts', 'evidence/alerts'],
      ['Trust', 'evidence/trust'],
      ['Releases from CI', 'evidence/model-ci'],
      ['Targets', 'evidence/targets'],
      ['Zones and lines', 'evidence/zones'],
      ['Streams', 'evidence/streams'],
      ['Clips', 'evidence/clips'],
      ['Jetson', 'evidence/jetson'],
      ['Images', 'evidence/flash'],
      ['Registry', 'evidence/registry'],
      ['MQTT', 'evidence/mqtt'],
      ['Downloads', 'evidence/downloads'],
      ['Updates of the agent', 'evidence/updates'],
    ],
  },
  {
    title: 'Contributing',
    evidence: true,
    pages: [
      ['Architecture', 'architecture'],
      ['Decisions', 'decisions/index'],
      ['Dependencies', 'dependencies'],
    ],
  },
];
