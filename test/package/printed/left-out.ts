import type { Excepted } from '../../integration/pages/excepted.ts';

/** Every line of the quick starts and the tutorial that no clean system types, and why. */
export const leftOut: readonly Excepted[] = [
  {
    page: 'quick-starts',
    begins: 'npm run package',
    why: 'makes the image for minutes; `npm test -- container` makes the same one',
  },
  {
    page: 'quick-starts',
    begins: 'skopeo copy',
    why: 'there is no registry to copy to; `npm test -- container` copies the image to a folder',
  },
  { page: 'quick-starts', begins: 'podman run', why: '`npm test -- container` types it' },
  {
    page: 'quick-starts',
    begins: '--device /dev/video0',
    why: 'a part of a line, for a camera that is not here',
  },
  {
    page: 'quick-starts',
    begins: 'sudo apt install ./goshawk-agent_0.1.0_arm64.deb',
    why: 'NVIDIA’s packages are not in Debian, and there is no board; `--arch arm64` installs the agent by emulation',
  },
  { page: 'quick-starts', begins: 'ros2 topic echo', why: 'ROS 2 is not in Debian' },
  { page: 'tutorial', begins: 'goshawk camera list', why: 'there is no camera here' },
  { page: 'tutorial', begins: 'goshawk run --model build/tutorial/bundle --source v4l2', why: 'the same' },
  {
    page: 'tutorial',
    begins: 'goshawk run --model build/tutorial/bundle --source rtsp',
    why: 'the same; `npm test -- package` has an RTSP camera',
  },
];
