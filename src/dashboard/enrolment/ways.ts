export type Way = 'here' | 'image' | 'package' | 'container';

/** What a person does next: a sentence, and what is typed. */
export interface WayStep {
  readonly says: string;
  readonly command: string;
}

const names: Readonly<Record<Way, string>> = {
  here: 'This computer',
  image: 'Image for a card',
  package: 'Package (.deb)',
  container: 'Container',
};

/** The ways by which a claim gets to a device, the first one first. Other machines do not reach a controller on a loopback address. */
export function waysFor(claim: string): readonly (readonly [Way, string])[] {
  const ways: readonly Way[] = isLocal(claim)
    ? ['here', 'package', 'container']
    : ['image', 'package', 'container'];
  return ways.map((way) => [way, names[way]]);
}

/** The claim names a controller that this computer alone can reach: that of `npm start`. */
export function isLocal(claim: string): boolean {
  return /^goshawk-claim:\/\/(127\.\d+\.\d+\.\d+:|localhost:|\[::1\]:)/.test(claim);
}

/** The commands, as they are typed; tests type them too. */
export function stepsOf(way: Way, claim: string): readonly WayStep[] {
  const save: WayStep = {
    says: 'Save the claim in a file that only you can read:',
    command: `(umask 077; echo '${claim}' >claim.token)`,
  };
  // A container has a network of its own, where the loopback address is another.
  const network = isLocal(claim) ? '--network host ' : '';
  switch (way) {
    case 'here':
      return [
        {
          ...save,
          says: 'In the folder of Goshawk’s sources, save the claim in a file that only you can read:',
        },
        {
          says: 'Write the settings of an agent with a simulated camera:',
          command: `echo '${JSON.stringify(localAgent)}' >board-1.json`,
        },
        {
          says: 'Start it:',
          command: 'node dist/src/cli/main.js agent --config board-1.json',
        },
      ];
    case 'image':
      return [
        save,
        {
          says: 'Build an image with it:',
          command: 'goshawk image build --board generic-arm64 --claim claim.token --out goshawk.img',
        },
        {
          says: 'Write it to a card, insert the card into the board, and switch the board on:',
          command: 'sudo goshawk image flash goshawk.img --to /dev/sdX',
        },
      ];
    case 'package':
      return [
        { says: 'On the device:', command: 'sudo apt install ./goshawk-agent_*.deb' },
        save,
        {
          says: 'Give the agent the claim, and restart it:',
          command:
            'sudo goshawk enrol --config /etc/goshawk/agent.json --claim-file claim.token\nsudo systemctl restart goshawk-agent',
        },
      ];
    case 'container':
      return [
        save,
        {
          says: 'Store it as a secret of the container:',
          command: 'podman secret create goshawk-claim claim.token',
        },
        {
          says: 'Start it with a name for the device and a volume for its identity:',
          command: [
            'podman run --read-only --cap-drop all --tmpfs /tmp -v goshawk:/var/lib/goshawk-agent \\',
            '  --secret goshawk-claim,uid=10001,mode=0400 -e GOSHAWK_ENROLMENT_CLAIM_FILE=/run/secrets/goshawk-claim \\',
            `  ${network}-e GOSHAWK_DEVICE=box-7 oci:goshawk-agent_0.1.0.oci:0.1.0`,
          ].join('\n'),
        },
      ];
  }
}

const localAgent = {
  device: 'board-1',
  dataDir: 'board-1',
  enrolment: { claimFile: 'claim.token' },
  model: 'models/street',
  cameras: { street: { source: 'sim', fps: 5 } },
};
