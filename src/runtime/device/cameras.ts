import type { ClipRecorder } from '../../agent/index.ts';
import { type Clock, defined, type Log } from '../../base/index.ts';
import type { DeviceMemory, Pipeline } from '../../perception/index.ts';
import type { RosLink } from '../ros/ros-link.ts';
import { rosScheme } from '../ros/ros-spec.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { givesStream, isLive, superviseSource } from '../sources/open-source.ts';
import { pictureClips } from './clips.ts';
import type { ManagedCameras } from './managed-cameras.ts';

type Cameras = AgentSettings['cameras'];

/** Those whose results go to ROS 2. */
export function publishedCameras(cameras: Cameras): string[] {
  return Object.entries(cameras).flatMap(([camera, { publish }]) => (publish === 'ros' ? [camera] : []));
}

/** The target of each camera: its setting, otherwise its given pace; a camera without either has none. */
export function targetFps(cameras: Cameras): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cameras).flatMap(([camera, { source, fps, targetFps: wanted }]) => {
      const target = wanted ?? (source.startsWith(rosScheme) || isLive(source) ? undefined : fps);
      return target === undefined ? [] : [[camera, target] as const];
    }),
  );
}

/**
 * Every camera of the settings becomes one of the pipeline. Its source opens when the pipeline starts and is opened again
 * when it is lost; only settings that can never work are refused here.
 */
export async function addCameras(
  pipeline: Pipeline,
  cameras: Cameras,
  ports: {
    readonly clock: Clock;
    readonly random: () => number;
    readonly ros: RosLink;
    readonly log: Log;
    readonly clips?: ClipRecorder | undefined;
  },
  managed: ManagedCameras,
): Promise<void> {
  for (const [camera, setting] of Object.entries(cameras)) {
    const { source: spec, fps, loop, seed, frameId, settings, username, passwordFile, memory } = setting;
    const { clips } = ports;
    const packets = clips !== undefined && (await givesStream(spec)) ? clips.packets(camera) : undefined;
    const supervised = superviseSource(spec, {
      ...ports,
      camera,
      realtime: true,
      fps,
      loop,
      seed,
      ...defined({ frameId, username, passwordFile, packets }),
      ...(memory === 'device' ? { memories: () => memoriesFor(camera, pipeline, ports.log) } : {}),
    });
    const source =
      clips === undefined || packets !== undefined
        ? supervised
        : pictureClips(supervised, { ...ports, clips });
    const { drift: _, ...pipelineSettings } = settings ?? {};
    const own = setting.publish === 'ros' ? managed.add(source) : source;
    await pipeline.add(own, { policy: 'newest', settings: pipelineSettings });
  }
}

/** Asked for every connection: the engines may be others by then. */
function memoriesFor(camera: string, pipeline: Pipeline, log: Log): readonly DeviceMemory[] {
  const memories = pipeline.memories();
  if (memories.length === 0)
    log.warn('Pictures are copied to the memory of the processor: not every engine reads them elsewhere', {
      camera,
    });
  return memories;
}
