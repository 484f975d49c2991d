import { defined } from '../../base/index.ts';
import { goshawkVersion, takeRelease } from '../../runtime/index.ts';
import { createRelease } from '../../workbench/index.ts';
import { type CommandModule, examples, finish } from '../command.ts';

/** `goshawk release`: versions of the agent, which a fleet rolls out as it rolls out models. */
export const releaseCommand: CommandModule = (program) => {
  const release = program
    .command('release')
    .description('versions of the agent, or of the whole system of boards, for devices to be updated to');
  finish<{ readonly out: string; readonly replace?: boolean }>(
    release
      .command('create')
      .description('make a bundle of a package or an image update; sign, push and roll it out as a model')
      .argument('<file>', 'goshawk-agent_<version>_<architecture>.deb, or the .raucb of an image')
      .requiredOption('--out <folder>', 'the bundle to write; whole or not at all')
      .option('--replace', 'replace the bundle that is there')
      .addHelpText(
        'after',
        examples(
          'release create goshawk-agent_0.2.0_arm64.deb --out release/',
          'release create card.raucb --out release/',
          'model sign release/ --repository fleet-trust.json --key anna.key --release 2',
          'model push release/',
          'model deploy --device cam-7 --slot agent goshawk-agent-arm64@0.2.0',
        ),
      ),
    async ({ output }, options, [file = '']) => {
      const made = await createRelease(file, { ...options, createdBy: `goshawk ${goshawkVersion()}` });
      const { name, version } = made.manifest;
      output.value({ name, version, digest: made.digest, folder: options.out });
      output.line(`${name} ${version} is in ${options.out}: ${made.digest}`);
      return 0;
    },
  );
  finish<{ readonly from: string; readonly state: string; readonly out: string; readonly root?: string }>(
    release
      .command('take')
      .description('verify a release on a device and copy its file: the update helper does so, as root')
      .argument('<digest>', 'digest of the release, which the agent has fetched')
      .requiredOption(
        '--from <folder>',
        'data folder of the agent; the helper verifies everything that it reads there',
      )
      .requiredOption('--state <folder>', 'folder where the helper stores what it has verified')
      .requiredOption('--out <folder>', 'for the file that was verified')
      .option(
        '--root <file>',
        'roots of the fleet; only root may be able to write it (default: those of this machine)',
      )
      .addHelpText(
        'after',
        examples('release take sha256:1f2e3d4c --from models/ --state state/ --out release/'),
      ),
    async ({ output }, { root, ...options }, [digest = '']) => {
      const { name, version } = await takeRelease({
        ...{ ...options, digest, nowMs: Date.now() },
        ...defined({ rootFile: root }),
      });
      output.value({ name, version, digest });
      output.line(`${name} ${version} is verified.`);
      return 0;
    },
  );
};
