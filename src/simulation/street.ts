import { clearConditions, type StreetConditions, withConditions } from './conditions.ts';
import { paintProp } from './models/furniture-model.ts';
import { paintPedestrian } from './models/pedestrian-model.ts';
import { blitSprite } from './models/sprites.ts';
import { buildVehicle, type VehicleMesh } from './models/vehicle-mesh.ts';
import { paintVehicle } from './models/vehicle-model.ts';
import { type Brush, createBrush } from './picture/brush.ts';
import { type Camera, depthOf, nearM } from './picture/camera.ts';
import { createCanvas } from './picture/canvas.ts';
import { createLens } from './picture/lens.ts';
import { valueNoise } from './random.ts';
import { createScene, streetEndM } from './scene.ts';
import { createStageCache, isSubject, opacityAt, type Stage } from './stage.ts';
import { createTraffic, phaseAt, type Traffic } from './traffic.ts';
import { measureTruth, type StreetLabel, type StreetTruth, type Subject, streetLabels } from './truth.ts';
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
  /** What a sharp eye would find in the street, nearest last; a frozen, black or blurred picture shows less. */
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
/** Bodies that are kept at most; a street shows some fifty at once. */
const maxMeshes = 400;
const parkedLengthM = 4.3;

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
  const prepare = createStageCache(scene, width, height);
  const meshes = new Map<number, VehicleMesh>();
  let conditions = withConditions(clearConditions, options.conditions ?? {});
  let frozen: Uint8Array | undefined;
  let ids: number;
  let traffic: Traffic;
  let walkers: Walkers;
  let steps: number;
  begin();

  function begin(): void {
    ids = scene.props.length + scene.parked.length;
    traffic = createTraffic(scene, () => ids++);
    walkers = createWalkers(scene, () => ids++);
    steps = Math.round(-warmUpS / stepS);
  }

  /** Brings the street to the step after `timeS`; gives how far between the last two steps the time lies. */
  function advance(timeS: number): number {
    const goal = Math.floor(timeS / stepS + 1e-9) + 1;
    if (goal < steps) begin();
    for (; steps < goal; steps++) {
      traffic.step(steps * stepS, stepS, conditions.traffic);
      walkers.step(steps * stepS, stepS, conditions.traffic);
    }
    return Math.min(1, Math.max(0, timeS / stepS + 1 - goal));
  }

  function meshOf(kind: 'car' | 'truck', lengthM: number, seed: number): VehicleMesh {
    let mesh = meshes.get(seed);
    if (mesh === undefined) {
      if (meshes.size >= maxMeshes) meshes.clear();
      mesh = buildVehicle(kind, lengthM, seed);
      meshes.set(seed, mesh);
    }
    return mesh;
  }

  /** Everything that can be in the picture, farthest first. */
  function gather(stage: Stage, share: number, timeS: number): Item[] {
    const items: Item[] = [];
    const phase = phaseAt(scene, timeS);
    const add = (
      x: number,
      z: number,
      reach: number,
      subject: Omit<Subject, 'distanceM'> | undefined,
      paint: Item['paint'],
    ): void => {
      const depth = depthOf(stage.camera, x, z);
      if (!inView(stage.camera, depth, x, z, reach)) return;
      items.push({ depth, subject: subject && { ...subject, distanceM: depth }, paint });
    };
    for (const [id, prop] of scene.props.entries()) {
      const sprite = stage.sprites[id];
      if (sprite !== undefined)
        add(prop.x, prop.z, 3, undefined, (brush) => blitSprite(brush.canvas, sprite));
      if (!isSubject(prop)) continue;
      const label = prop.kind === 'sign' ? 'traffic_sign' : 'traffic_light';
      add(prop.x, prop.z, 3, { id, label }, (brush, object) => paintProp(brush, prop, object, phase));
    }
    for (const [index, car] of scene.parked.entries()) {
      const mesh = meshOf('car', parkedLengthM, car.seed);
      const pose = { ...car, mesh, lengthM: parkedLengthM, braking: false, parked: true };
      add(car.x, car.z, 6, { id: scene.props.length + index, label: 'car' }, (brush) =>
        paintVehicle(brush, pose),
      );
    }
    for (const vehicle of traffic.vehicles(share)) {
      const mesh = meshOf(vehicle.kind, vehicle.lengthM, vehicle.seed);
      const pose = { ...vehicle, mesh, parked: false };
      add(vehicle.x, vehicle.z, 8, { id: vehicle.id, label: vehicle.kind }, (brush) =>
        paintVehicle(brush, pose),
      );
    }
    for (const walker of walkers.walkers(share))
      add(walker.x, walker.z, 3, { id: walker.id, label: 'pedestrian' }, (brush) => {
        brush.opacity = Math.min(brush.opacity, Math.max(0, (walkEndM - walker.z) / 4));
        paintPedestrian(brush, walker, conditions.rain);
      });
    return items.sort((a, b) => b.depth - a.depth);
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
      const stage = prepare(conditions);
      canvas.rgb = pixels;
      pixels.set(stage.backdrop);
      canvas.owner.fill(0);
      canvas.painted.fill(0);
      const brush = createBrush(canvas, stage.camera, stage.light);
      const subjects: Subject[] = [];
      for (const item of gather(stage, share, timeS)) {
        const counted = item.subject !== undefined && subjects.length < canvas.painted.length - 1;
        const object = counted ? subjects.push(item.subject) : 0;
        brush.object = object;
        brush.opacity = opacityAt(item.depth);
        item.paint(brush, object);
      }
      const truth = measureTruth(canvas, subjects);
      if (conditions.frozen > 0 && frozen !== undefined) {
        pixels.set(frozen);
        return { pixels, truth };
      }
      // Clouds pass: the light of the whole picture drifts by a few per cent over some ten seconds.
      const gain = 1 + 0.06 * (valueNoise(timeS * 0.05, 0.5, scene.seed) - 0.5) * (1 - conditions.night / 5);
      lens.apply(pixels, conditions, Math.round(timeS * 1000), gain);
      frozen ??= new Uint8Array(pixels.length);
      frozen.set(pixels);
      return { pixels, truth };
    },
  };
}

function inView(camera: Camera, depth: number, x: number, z: number, reach: number): boolean {
  if (depth < nearM - reach || depth > streetEndM + 6) return false;
  const across = Math.abs((x - camera.x) * camera.cos - z * camera.sin);
  return across - reach <= (Math.max(depth, 0) + reach) * (camera.centreX / camera.focal);
}
