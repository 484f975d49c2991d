import { join } from 'node:path';
import { FilesystemFrameStore, FilesystemProfileStore } from '../../adapters/filesystem/index.ts';
import { ThreadLearner, unpackProfile } from '../../adapters/learning/index.ts';
import { encodeHidden } from '../../adapters/sharp/index.ts';
import { type AgentEvent, DriftService, GoldenAnswers, type PrivacyRule } from '../../agent/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { defaultDetectionSettings, noRules, type Pipeline } from '../../perception/index.ts';
import { goldenFiles } from '../engines/golden-files.ts';
import type { AgentSettings } from '../settings/agent.ts';
import type { DeviceModels } from './device-models.ts';
import { shippedProfiles } from './shipped-profiles.ts';

export interface DriftWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => void;
  readonly models: DeviceModels;
  readonly onKnownAnswer: (right: boolean) => void;
  /** The pipeline comes after its sinks. */
  readonly live: () => Pipeline | undefined;
  readonly privacy: PrivacyRule;
}

/** The watch for drift with its plugs: profiles and hard frames on the disk, a thread that learns, the live engine. */
export function startDrift(
  settings: AgentSettings,
  { clock, log, reportEvent, models, onKnownAnswer, live, privacy }: DriftWiring,
): Promise<DriftService> {
  const shipped = shippedProfiles(settings, { models, log });
  const profiles = join(settings.dataDir, 'profiles');
  const { knownAnswerMinutes, utcOffsetHours } = settings.drift;
  return DriftService.start(
    {
      cameras: Object.fromEntries(
        Object.entries(settings.cameras).map(([camera, setting]) => [camera, setting.settings?.drift ?? {}]),
      ),
      utcOffsetHours,
      knownAnswerMinutes,
    },
    {
      clock,
      log,
      reportEvent,
      onKnownAnswer,
      privacy,
      random: Math.random,
      profiles: new FilesystemProfileStore(profiles, shipped, log, unpackProfile),
      newLearner: (options) =>
        new ThreadLearner(options, { path: join(profiles, `${options.camera}.learning`), log }),
      frames: new FilesystemFrameStore(join(settings.dataDir, 'hard-frames')),
      encode: encodeHidden,
      answers: new GoldenAnswers({ live, golden: goldenFiles, find: (digest) => models.find(digest) }),
      threshold: (camera) =>
        live()?.settings(camera).scoreThreshold ?? defaultDetectionSettings.scoreThreshold,
      rules: (camera) => live()?.settings(camera).rules ?? noRules,
      isOn: (camera) => {
        const pipeline = live();
        // Before the cameras are there, nobody has switched one off.
        return pipeline?.cameras.includes(camera) ? pipeline.isOn(camera) : true;
      },
    },
  );
}
