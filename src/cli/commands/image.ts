import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { confirmBoot, firstBoot } from '../../runtime/index.ts';
import {
  type BuildImageOptions,
  buildImage,
  type FlashOptions,
  flashImage,
  imageBoards,
} from '../../workbench/index.ts';
import { collect, examples, finish, parseCount, parseList, workPorts } from '../command.ts';

export function imageCommand(program: Command): void {
  const image = program
    .command('image')
    .description('images for the disks of boards: make them, write them to a card');
  addBuild(image);
  addFlash(image);
  addOnBoard(image);
}

function addBuild(image: Command): void {
  const command = image
    .command('build')
    .description(
      'make an image: Debian with the agent, two root file systems, everything to perceive at the first boot',
    )
    .addOption(new Option('--board <name>', 'which board').choices(imageBoards).makeOptionMandatory())
    .requiredOption('--out <image>', 'the image to write; the signed update comes beside it as .raucb')
    .requiredOption('--agent <deb>', 'package of the agent, for the processor of the board')
    .option(
      '--model <bundle>',
      'model to perceive with from the first boot on (default: that of the package)',
    )
    .option('--settings <json>', 'settings of the agent; cameras, broker (default: those of the package)')
    .option('--claim <file>', 'claim token with which the board enrols')
    .option(
      '--trust <file>',
      'roots of the fleet (goshawk keys anchor): the board runs only what its owner signed',
    )
    .option(
      '--insecure',
      'without --trust: the board runs every model that is deployed to it; for a laboratory',
    )
    .option('--wifi <name>', 'wireless network that the board joins')
    .option('--wifi-password-file <file>', 'file that holds only its password')
    .option(
      '--ssh-key <file>',
      'public key, or several, with which root can log in by SSH (default: no login)',
    )
    .option('--image-version <version>', 'version of the system, for updates (default: that of this program)')
    .option('--update-key <pem>', 'private key that signs updates (default: one made for this image)')
    .option('--update-cert <pem>', 'its certificate, which boards with this image trust')
    .option('--sign-key <key>', 'SSH key that signs each file of the build (default: no signatures)')
    .option('--release <name>', 'release of Debian', 'trixie')
    .option('--components <list>', 'components of the archive, with commas', parseList, ['main'])
    .option(
      '--mirror <line>',
      'a line for apt, any number of times (default: the mirrors of this machine)',
      collect,
      [],
    )
    .option('--apt-option <text>', 'option of apt while the system is made, any number of times', collect, [])
    .option('--package <name>', 'one more package of Debian, any number of times', collect, [])
    .option('--ntp <host>', 'time server, any number of times (default: those of Debian)', collect, [])
    .option('--slot-megabytes <n>', 'size of each of the two root partitions', parseCount(256), 1536)
    .option('--work <folder>', 'for the files of the build', 'build/image')
    .option('--reuse-base', 'take the base system of the last build with the same options')
    .addHelpText(
      'after',
      examples(
        'image build --board generic-amd64 --agent build/packages/goshawk-agent_0.1.0_amd64.deb --trust root.json --out card.img',
      ),
    );
  finish<BuildImageOptions>(command, async (context, options) => {
    const { output } = context;
    const built = await buildImage(options, workPorts(context));
    output.value({ type: 'image', ...built });
    output.line(`${built.image}  ${output.words({ bytes: built.bytes })}  ${built.digest}`);
    output.line(`${built.update}  the same system as an update`);
    output.line(`${built.partsList}  what it is made of (CycloneDX)`);
    output.line(`${built.provenance}  how it was built (in-toto, SLSA)`);
    if (built.signatures.length > 0)
      output.line(`${built.signatures.length} signatures (SSH) are beside these files, with the ending .sig`);
    for (const login of built.logins) output.line(`root can log in by SSH with ${login}`);
    const failed = Object.entries(built.parts).filter(([, words]) => words !== '');
    if (failed.length > 0)
      output.line(`not in it: ${failed.map(([part, words]) => `${part} (${words})`).join(', ')}`);
    if (built.trust === 'insecure')
      output.warn('INSECURE: boards with this image run unsigned models. Do not use it for a fleet.');
    output.table(
      ['step', 'took'],
      Object.entries(built.seconds).map(([step, seconds]) => [step, { durationMs: seconds * 1000 }]),
      'No steps.',
    );
    return 0;
  });
}

function addFlash(image: Command): void {
  const command = image
    .command('flash')
    .description('write an image to a card or a disk, and read every byte of it back')
    .argument('<image>', 'image, or image.zst; a map beside it (.bmap) says what may be left out')
    .requiredOption('--to <device>', 'the whole disk, as /dev/sdb; everything on it is lost')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('image flash card.img --to /dev/sdb'));
  finish<FlashOptions & { readonly yes?: boolean }>(command, async (context, options, [file = '']) => {
    const { output } = context;
    const agreed = async (what: string) => {
      output.note(what);
      return options.yes === true || (await ask('Write to it? Type yes: ')) === 'yes';
    };
    const flashed = await flashImage(file, options, agreed, workPorts(context));
    output.value({ type: 'flashed', ...flashed });
    output.line(
      `${flashed.target}: ${output.words({ bytes: flashed.writtenBytes })} written in ${output.words({ durationMs: flashed.writeSeconds * 1000 })}, read back in ${output.words({ durationMs: flashed.verifySeconds * 1000 })}, the same.`,
    );
    return 0;
  });
}

/** Nobody at a terminal: no. */
async function ask(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) return '';
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

/** What the board itself runs. */
function addOnBoard(image: Command): void {
  finish<{ readonly seed: string }>(
    image
      .command('first-boot')
      .description('on a board: make its identity and settings from what came with the image')
      .requiredOption('--seed <folder>', 'the folder goshawk of the EFI system partition')
      .addHelpText('after', examples('image first-boot --seed /boot/firmware/goshawk')),
    async ({ output }, { seed }) => {
      const report = await firstBoot(seed);
      for (const problem of report.problems) output.warn(problem);
      output.line(`This board is ${report.device}${report.enrols ? ' until it has enrolled' : ''}.`);
      output.value({ type: 'first-boot', ...report });
      return 0;
    },
  );
  finish<{ readonly patience: number }>(
    image
      .command('confirm')
      .description('on a board: tell the boot loader that this boot is good, or roll back an update')
      .option('--patience <seconds>', 'how long the agent may take until it perceives', parseCount(1), 240)
      .addHelpText('after', examples('image confirm')),
    async ({ output }, { patience }) => {
      const confirmed = await confirmBoot(undefined, patience * 1000);
      output.line(`Slot ${confirmed.slot}: ${confirmed.verdict}, ${confirmed.frames} frames.`);
      output.value({ type: 'confirmed', ...confirmed });
      return confirmed.verdict === 'kept-without-perceiving' || confirmed.verdict === 'go-back' ? 1 : 0;
    },
  );
}
