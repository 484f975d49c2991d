import type { CameraSettings, Pipeline } from '../../perception/index.ts';
import type { SteeredPipeline } from '../../runtime/index.ts';

/**
 * Settings of the camera of a run. A managed node of ROS 2 has its parameters from its start to its end: what was set before
 * `configure` is what that loads with, and what was set later outlives `cleanup`.
 */
export class KeptSettings implements SteeredPipeline {
  #wanted: CameraSettings;
  #loaded: { readonly pipeline: Pipeline; readonly camera: string } | undefined;

  constructor(wanted: CameraSettings) {
    this.#wanted = wanted;
  }

  /** What was set last, whatever is loaded. */
  get wanted(): CameraSettings {
    return this.#wanted;
  }

  get identity() {
    return this.#loaded?.pipeline.identity;
  }

  settings(): CameraSettings {
    return this.#loaded?.pipeline.settings(this.#loaded.camera) ?? this.#wanted;
  }

  configure(_: string, change: Partial<CameraSettings>): void {
    this.#loaded?.pipeline.configure(this.#loaded.camera, change);
    this.#wanted = { ...this.#wanted, ...change };
  }

  isOn(): boolean {
    return this.#loaded?.pipeline.isOn(this.#loaded.camera) ?? false;
  }

  attach(pipeline: Pipeline, camera: string): void {
    this.#loaded = { pipeline, camera };
  }

  detach(): void {
    this.#loaded = undefined;
  }
}
