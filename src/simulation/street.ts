import { type Backdrop, castBackdrop, lightBackdrop } from './background.ts';
import { type Brush, createBrush, type Light } from './brush.ts';
import { type Camera, createCamera, depthOf, nearM } from './camera.ts';
import { createCanvas } from './canvas.ts';
import { clearConditions, type StreetConditions, withConditions } from './conditions.ts';
import { paintProp } from './furniture-model.ts';
import { createLens } from './lens.ts';
import { lightFor } from './light.ts';
import { paintPedestrian } from './pedestrian-model.ts';
import { hash32, valueNoise } from './random.ts';
import { createScene, type Scene, streetEndM } from './scene.ts';
import { createTraffic, phaseAt, type Traffic } from './traffic.ts';
import { measureTruth, type StreetLabel, type StreetTruth, type Subject, streetLabels } from './truth.ts';
import { paintVehicle } from './vehicle-model.ts';
import { createWalkers, type Walkers, walkEndM } from './walkers.ts';

export interface StreetOptions {
  readonly seed: number;
  /** Pixels of the picture; default 640 x 360. */
  readonly width?: number;
  readonly height?: number;
  readonly conditions?: Partial<StreetConditions>;
}

export interface StreetPicture {
  /** rgb8, rows of width * 3 bytes. */
  readonly pixels: Uint8Array;
  /** What a sharp eye would find, nearest last. */
  readonly truth: readonly StreetTruth[];
}

/** One street camera: the same seed and the same calls give the same pictures. */
export interface Street {
  readonly width: number;
  readonly height: number;
  readonly labels: readonly StreetLabel[];
  readonly conditions: StreetConditions;
  setConditions(change: Partial<StreetConditions>): void;
  /**
   * The picture at a time since the camera began, seconds. Time that runs on costs a few milliseconds; an earlier time
   * starts the street again from its seed. Paints into `into` (width * height * 3 bytes) where given.
   */
  render(timeS: number, into?: Uint8Array): StreetPicture;
}

const stepS = 0.1;
/** The street lives this long before the first picture, so that it is not empty. */
const warmUpS = 45;

interface Item {
  readonly depth: number;
  readonly subject: Subject | undefined;
  paint(brush: Brush, object: number): void;
}

export function createStreet(options: StreetOptions): Street {
  const width = options.width ?? 640;
  const height = options.height ?? 360;
  const scene = createScene(options.seed);
  const canvas = createCanvas(width, height);
  const lens = createLens(options.seed, width, height);
  let conditions = withConditions(clearConditions, options.conditions ?? {});
  let ids = 0;
  let traffic: Traffic;
  let walkers: Walkers;
  let steps = 0;
  const backdropOut = new Uint8Array(width * height * 3);
  let camera: Camera;
  let backdrop: Backdrop | undefined;
  let light: Light;
  let castFor = '';
  let litFor = '';
  let last: Uint8Array | undefined;

  function begin(): void {
    ids = scene.props.length + scene.parked.length;
    traffic = createTraffic(scene, () => ids++);
    walkers = createWalkers(scene, () => ids++);
    steps = Math.round(-warmUpS / stepS);
  }
  begin();

  function advance(timeS: number): number {
    const goal = Math.floor(timeS / stepS + 1e-9) + 1;
    if (goal < steps) begin();
    for (; steps < goal; steps++) {
      traffic.step(steps * stepS, stepS, conditions.traffic);
      walkers.step(steps * stepS, stepS, conditions.traffic);
    }
    return Math.min(1, Math.max(0, timeS / stepS + 1 - goal));
  }

  function prepare(): void {
    if (backdrop === undefined || castFor !== `${conditions.moved}`) {
      castFor = `${conditions.moved}`;
      camera = createCamera(movedPose(scene, conditions.moved), width, height);
      backdrop = castBackdrop(scene, camera, width, height);
      litFor = '';
    }
    const lit = `${conditions.night} ${conditions.fog} ${conditions.rain}`;
    if (lit !== litFor) {
      litFor = lit;
      light = lightFor(scene, conditions);
      lightBackdrop(backdrop, light, backdropOut);
    }
  }

  return {
    width,
    height,
    labels: streetLabels,
    get conditions() {
      return conditions;
    },
    setConditions(change) {
      conditions = withConditions(conditions, change);
    },
    render(timeS, into) {
      const pixels = into ?? new Uint8Array(width * height * 3);
      const share = advance(timeS);
      prepare();
      canvas.rgb = pixels;
      pixels.set(backdropOut);
      canvas.owner.fill(0);
      canvas.painted.fill(0);
      const brush = createBrush(canvas, camera, light);
      const items = gather(scene, camera, traffic.vehicles(share), walkers.walkers(share), conditions, timeS);
      const subjects: Subject[] = [];
      for (const item of items) {
        let object = 0;
        if (item.subject !== undefined && subjects.length < canvas.painted.length - 1)
          object = subjects.push(item.subject);
        brush.object = object;
        brush.opacity = Math.min(1, Math.max(0, (streetEndM + 6 - item.depth) / 12));
        item.paint(brush, object);
      }
      const truth = measureTruth(canvas, subjects);
      const frame = Math.round(timeS * 1000);
      // Clouds pass: the light of the whole picture drifts by a few per cent over some ten seconds.
      const gain = 1 + 0.06 * (valueNoise(timeS * 0.05, 0.5, scene.seed) - 0.5) * (1 - conditions.night / 5);
      if (conditions.frozen > 0 && last !== undefined) pixels.set(last);
      else {
        lens.apply(pixels, conditions, frame, gain);
        last ??= new Uint8Array(pixels.length);
        last.set(pixels);
      }
      return { pixels, truth };
    },
  };
}

function movedPose(scene: Scene, moved: number): Scene['camera'] {
  const way = hash32(scene.seed) & 1 ? 1 : -1;
  const pose = scene.camera;
  return { ...pose, yawRad: pose.yawRad + way * moved * 0.075, horizon: pose.horizon + moved * 0.022 };
}

function gather(
  scene: Scene,
  camera: Camera,
  vehicles: ReturnType<Traffic['vehicles']>,
  people: ReturnType<Walkers['walkers']>,
  conditions: StreetConditions,
  timeS: number,
): Item[] {
  const items: Item[] = [];
  const phase = phaseAt(scene, timeS);
  const add = (
    x: number,
    z: number,
    id: number,
    label: StreetLabel | undefined,
    paint: Item['paint'],
    reach = 0,
  ): void => {
    const depth = depthOf(camera, x, z);
    if (depth < nearM - reach || depth > streetEndM + 6) return;
    // Far outside of the picture: nothing of it can be seen.
    const across = Math.abs((x - camera.x) * camera.cos - z * camera.sin);
    if (across - reach - 3 > (Math.max(depth, 0) + reach) * (camera.centreX / camera.focal)) return;
    items.push({ depth, subject: label === undefined ? undefined : { id, label, distanceM: depth }, paint });
  };
  for (const [index, prop] of scene.props.entries()) {
    const label = prop.kind === 'sign' ? 'traffic_sign' : prop.kind === 'light' ? 'traffic_light' : undefined;
    add(prop.x, prop.z, index, label, (brush, object) => paintProp(brush, prop, object, phase));
  }
  for (const [index, car] of scene.parked.entries())
    add(
      car.x,
      car.z,
      scene.props.length + index,
      'car',
      (brush) => paintVehicle(brush, { kind: 'car', ...car, lengthM: 4.3, braking: false, parked: true }),
      3,
    );
  for (const vehicle of vehicles)
    add(
      vehicle.x,
      vehicle.z,
      vehicle.id,
      vehicle.kind,
      (brush) => paintVehicle(brush, { ...vehicle, parked: false }),
      5,
    );
  for (const walker of people)
    add(walker.x, walker.z, walker.id, 'pedestrian', (brush) => {
      brush.opacity = Math.min(brush.opacity, Math.max(0, (walkEndM - walker.z) / 4));
      paintPedestrian(brush, walker, conditions.rain);
    });
  return items.sort((a, b) => b.depth - a.depth);
}
