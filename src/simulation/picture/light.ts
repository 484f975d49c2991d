import type { Colour } from '../colour.ts';
import type { StreetConditions } from '../conditions.ts';
import type { Scene } from '../scene.ts';
import type { Light } from './brush.ts';

/** Light over the street for its hour and weather. */
export function lightFor(scene: Scene, conditions: StreetConditions): Light {
  const dark = conditions.night / 5;
  const gloom = Math.min(1, conditions.rain / 5) * 0.25;
  const day = (1 - gloom) * (1 - 0.86 * dark ** 0.75);
  const [r, g, b] = scene.daylight;
  // Moonlight is blue.
  const ambient: Colour = [
    r * day * (1 - 0.25 * dark),
    g * day * (1 - 0.12 * dark),
    b * day * (1 + 0.18 * dark),
  ];
  const haze =
    0.0006 + (conditions.rain / 5) * 0.005 + (conditions.fog > 0 ? 0.004 * 1.75 ** conditions.fog : 0);
  const pale = day * 0.9 + 0.05;
  return {
    ambient,
    fogColour: [206 * pale, 212 * pale, 218 * pale * (1 + 0.12 * dark)],
    fogDensity: haze,
    darkness: dark,
    sun: scene.sun * (1 - dark) * (1 - Math.min(1, (conditions.fog + conditions.rain) / 4)),
    sunX: scene.sunX,
    sunZ: scene.sunZ,
  };
}
