import { PrivacyRule, usualPrivacy } from '../../agent/index.ts';
import { defaultCameraSettings, type Pipeline } from '../../perception/index.ts';
import type { AgentSettings } from '../settings/agent.ts';

/** What may be seen of every camera: its own setting goes before that of the device. */
export function privacyRule(settings: AgentSettings, live: () => Pipeline | undefined): PrivacyRule {
  const { privacy, cameras } = settings;
  return new PrivacyRule({
    cameras: Object.fromEntries(
      Object.entries(cameras).map(([camera, own]) => [
        camera,
        { ...usualPrivacy, ...privacy, ...own.privacy },
      ]),
    ),
    classes: (camera) => live()?.settings(camera).classes ?? defaultCameraSettings.classes,
  });
}
