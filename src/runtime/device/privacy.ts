import { type OtherNode, PrivacyRule, PrivateFindings, usualPrivacy } from '../../agent/index.ts';
import type { Clock } from '../../base/index.ts';
import { defaultCameraSettings, mainSlot, type Pipeline } from '../../perception/index.ts';
import type { AgentSettings } from '../settings/agent.ts';

export interface PrivacyWiring {
  readonly clock: Clock;
  /** The pipeline comes after its sinks. */
  readonly live: () => Pipeline | undefined;
}

/** What may be seen of every camera: its own setting goes before that of the device. `findings` is a sink of the pipeline, before the others. */
export function privacyRule(
  { privacy, cameras }: AgentSettings,
  { clock, live }: PrivacyWiring,
): { readonly rule: PrivacyRule; readonly findings: PrivateFindings } {
  const findings = new PrivateFindings({ clock, others: (camera) => othersOf(live(), camera) });
  const rule = new PrivacyRule({
    cameras: Object.fromEntries(
      Object.entries(cameras).map(([camera, own]) => [
        camera,
        { ...usualPrivacy, ...privacy, ...own.privacy },
      ]),
    ),
    settings: (camera) => live()?.settings(camera) ?? defaultCameraSettings,
    findings,
  });
  return { rule, findings };
}

/** As the settings of the camera have them; a shadow's results go nowhere. */
export function othersOf(
  pipeline: Pick<Pipeline, 'settings' | 'identities' | 'nodes'> | undefined,
  camera: string,
): OtherNode[] {
  const { nodes = [], iouThreshold: usualIou } = pipeline?.settings(camera) ?? defaultCameraSettings;
  if (pipeline === undefined || nodes.length < 2) return [];
  const slots = pipeline.identities();
  const serving = nodes.filter(({ role }) => role !== 'shadow');
  const main = serving.find(({ input = 'frame' }) => input === 'frame');
  const inForce = new Set(pipeline.nodes(camera).map(({ name }) => name));
  return serving.flatMap((node) => {
    if (node === main) return [];
    const { name, slot = mainSlot, input = 'frame', settings: own = {} } = node;
    const { classes = [], iouThreshold = usualIou } = own;
    const { labels = [] } = slots.get(slot) ?? {};
    const working = labels.length > 0 && inForce.has(name);
    return [{ node: name, labels, classes, iouThreshold, frames: input === 'frame', working }];
  });
}
