import type { DeviceSummary } from '../api/types.ts';
import { type CameraHealth, cameraHealth } from '../ui/camera-health.ts';

export interface WallFilter {
  readonly search: string;
  readonly group: string;
  readonly health: string;
}

export interface WallCamera {
  readonly device: DeviceSummary;
  readonly camera: string;
  readonly health: CameraHealth;
}

const worst = ['blind', 'degraded', 'ok', 'offline'];
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** More are left in the order of the fleet: the order by name would take the page longer than a frame. */
const mostNamed = 2_000;

/** Every camera of the fleet that fits, those in trouble first, so that the first screen shows them. */
export function wallCameras(devices: readonly DeviceSummary[], filter: WallFilter): WallCamera[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = devices
    .filter(({ groups }) => filter.group === '' || groups.includes(filter.group))
    .flatMap((device) =>
      device.cameras.map((camera) => ({ device, camera, health: cameraHealth(device, camera) })),
    )
    .filter(({ health }) => filter.health === '' || health.state === filter.health)
    .filter(({ device, camera }) => {
      const text = `${device.id} ${camera} ${device.groups.join(' ')}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  const byName = (a: WallCamera, b: WallCamera) =>
    natural.compare(`${a.device.id} ${a.camera}`, `${b.device.id} ${b.camera}`);
  return fitting.sort(
    (a, b) =>
      worst.indexOf(a.health.state) - worst.indexOf(b.health.state) ||
      (fitting.length > mostNamed ? 0 : byName(a, b)),
  );
}
