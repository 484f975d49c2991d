import type { StreetConditions } from './conditions.ts';
import { paintProp } from './models/furniture-model.ts';
import { createSpriteMaker, type Sprite } from './models/sprites.ts';
import { type Backdrop, castBackdrop, lightBackdrop } from './picture/background.ts';
import type { Light } from './picture/brush.ts';
import { type Camera, createCamera, depthOf, nearM } from './picture/camera.ts';
import { lightFor } from './picture/light.ts';
import { hash32 } from './random.ts';
import { type CameraPose, type Prop, type Scene, streetEndM } from './scene.ts';

/** What stays from frame to frame until the weather or the camera changes. */
export interface Stage {
  readonly camera: Camera;
  readonly light: Light;
  /** The empty street in its light, rgb8. */
  readonly backdrop: Uint8Array;
  /** One for each prop that is no subject, undefined where it can't be seen. */
  readonly sprites: readonly (Sprite | undefined)[];
}

/** Props that count as objects are painted anew in every frame: their pixels must be known. */
export function isSubject(prop: Prop): boolean {
  return prop.kind === 'sign' || prop.kind === 'light';
}

/** Things far away come into view softly. */
export function opacityAt(depth: number): number {
  return Math.min(1, Math.max(0, (streetEndM + 6 - depth) / 12));
}

/** Builds the stage on the first call (some 200 ms at 640 x 360) and again only what a change of conditions touches. */
export function createStageCache(
  scene: Scene,
  width: number,
  height: number,
): (conditions: StreetConditions) => Stage {
  const makeSprite = createSpriteMaker(width, height);
  const backdrop = new Uint8Array(width * height * 3);
  let cast: Backdrop | undefined;
  let stage: Stage | undefined;
  let castFor = '';
  let litFor = '';

  return (conditions) => {
    const moved = `${conditions.moved}`;
    const lit = `${moved} ${conditions.night} ${conditions.fog} ${conditions.rain}`;
    if (stage !== undefined && lit === litFor) return stage;
    litFor = lit;
    const camera = createCamera(movedPose(scene, conditions.moved), width, height);
    if (cast === undefined || castFor !== moved) cast = castBackdrop(scene, camera, width, height);
    castFor = moved;
    const light = lightFor(scene, conditions);
    lightBackdrop(cast, light, backdrop);
    const sprites = scene.props.map((prop) => {
      const depth = depthOf(camera, prop.x, prop.z);
      if (isSubject(prop) || depth < nearM || depth > streetEndM + 6) return undefined;
      return makeSprite(camera, light, (brush) => {
        brush.opacity = opacityAt(depth);
        paintProp(brush, prop, 0, 'green');
      });
    });
    stage = { camera, light, backdrop, sprites };
    return stage;
  };
}

function movedPose(scene: Scene, moved: number): CameraPose {
  const way = hash32(scene.seed) & 1 ? 1 : -1;
  const pose = scene.camera;
  return { ...pose, yawRad: pose.yawRad + way * moved * 0.075, horizon: pose.horizon + moved * 0.022 };
}
