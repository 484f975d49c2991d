import type { LogLevel } from '../../base/index.ts';
import type { VariantKind } from '../../model/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';
import type { EngineChoice, RosAdapter, RosAdapters } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';

export interface RunOptions {
  /** A bundle, or several as `slot=bundle`. */
  readonly model: string | readonly string[];
  /** File with the nodes of the graph; default: one node with the main model. */
  readonly graph?: string;
  /** File with zones and lines. */
  readonly rules?: string;
  readonly source: string;
  readonly frames?: number;
  readonly durationMs?: number;
  readonly draw?: string;
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
  readonly threads: number;
  /** Modules that bundles bring may run. */
  readonly decoderModules?: boolean;
  readonly score: number;
  readonly iou: number;
  readonly classes?: readonly string[];
  /** Default: yes, but for the pictures of a folder, which have nothing to do with each other. */
  readonly track?: boolean;
  /** Of a network camera. */
  readonly username?: string;
  readonly passwordFile?: string;
  /** Where pictures of a live camera are kept; default `host`. */
  readonly memory?: 'host' | 'device';
  readonly realtime?: boolean;
  readonly fps: number;
  readonly loop?: boolean;
  /** `ros`, and addresses of streams. */
  readonly publish?: readonly string[];
  readonly ros: RosAdapter;
  readonly rosNode?: string;
  readonly rosRemap?: readonly string[];
  readonly rosQos?: readonly string[];
  /** False: a lifecycle manager says when to load and to begin. */
  readonly rosAutoActivate?: boolean;
  readonly rosBond?: boolean;
  readonly rosSimTime?: boolean;
  /** Bundles that the graph may put in the place of the main one. */
  readonly rosModels?: readonly string[];
}

export type RunFrame = PerceptionResult;

export interface RunPorts extends WorkPorts {
  readonly onFrame: (frame: RunFrame) => void;
  /** Resolves when whoever takes the frames has room for more; a recording waits for it. */
  readonly drained: () => Promise<void>;
  /** Of /rosout, too. */
  readonly logLevel?: LogLevel;
  /** How a node of ROS 2 is made; default: the adapters of this machine. */
  readonly rosAdapters?: RosAdapters;
}
