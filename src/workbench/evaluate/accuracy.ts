import type { Picture } from '../../adapters/sharp/index.ts';
import type { ClassAccuracy, Detection, DetectionSettings, TruthForm } from '../../perception/index.ts';

/** What was measured, by the task of the model. */
export type TaskAccuracy =
  | {
      readonly task: 'detection';
      /** What the APs are of: outlines compare masks, points poses, where the truth has them. */
      readonly compared: TruthForm;
      /** Objects. */
      readonly truth: number;
      readonly detections: number;
      readonly map: number;
      readonly ap50: number;
      readonly ap75: number;
      readonly perClass: readonly (Omit<ClassAccuracy, 'classId'> & { readonly label: string })[];
      readonly unlabelled: number;
    }
  | {
      readonly task: 'classification';
      readonly top1: number;
      readonly top5: number;
      readonly balanced: number;
      readonly perClass: readonly {
        readonly label: string;
        readonly pictures: number;
        readonly top1: number;
      }[];
    }
  | {
      readonly task: 'embedding';
      readonly identities: number;
      /** Pictures that have another one of their identity. */
      readonly queries: number;
      readonly recall1: number;
      readonly recall5: number;
    }
  | {
      readonly task: 'text';
      readonly wordAccuracy: number;
      readonly cer: number;
    }
  | {
      readonly task: 'depth';
      /** Disparity was scaled and shifted to fit each picture. */
      readonly compared: 'metres' | 'disparity';
      readonly absRel: number;
      readonly delta1: number;
    }
  | {
      readonly task: 'semantic-segmentation';
      readonly miou: number;
      readonly pixelAccuracy: number;
      readonly perClass: readonly {
        readonly label: string;
        readonly pixels: number;
        readonly iou: number;
      }[];
    };

/** The measure of one task: what it asks of the detector, where its truth comes from, and what comes out. */
export interface AccuracyMeasure {
  readonly rules: DetectionSettings;
  /** The pictures that it can judge. Throws in words where there is none. */
  pictures(): Promise<readonly string[]>;
  /** Reads the truth of one picture and takes what was found in it. Throws `labels-...` where the truth is of another model. */
  add(path: string, picture: Picture, found: readonly Detection[]): Promise<void>;
  /** Accuracy on this picture alone, 0 to 1; undefined where one picture has none. Does not count for `finish`. */
  alone(path: string, picture: Picture, found: readonly Detection[]): Promise<number | undefined>;
  finish(): TaskAccuracy;
  /** Of what was found, what is drawn. */
  drawn(found: readonly Detection[]): readonly Detection[];
}
