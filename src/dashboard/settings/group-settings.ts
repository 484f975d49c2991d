import type { DesiredSettings, PipelineSettings } from '../api/types.ts';

/** Pipeline settings of a group as a person types them; empty: the group does not set it. */
export interface PipelineFields {
  /** `*`: every camera. */
  readonly camera: string;
  readonly enabled: '' | 'on' | 'off';
  readonly scoreThreshold: string;
  readonly iouThreshold: string;
  readonly maxDetections: string;
  /** By comma. */
  readonly classes: string;
}

const owned = ['enabled', 'scoreThreshold', 'iouThreshold', 'maxDetections', 'classes'];

export function fieldsOf({ pipelines = {} }: DesiredSettings, camera: string): PipelineFields {
  const {
    enabled,
    scoreThreshold = '',
    iouThreshold = '',
    maxDetections = '',
    classes = [],
  } = pipelines[camera] ?? {};
  return {
    ...{ camera, enabled: enabled === undefined ? '' : enabled ? 'on' : 'off' },
    ...{ scoreThreshold: String(scoreThreshold), iouThreshold: String(iouThreshold) },
    ...{ maxDetections: String(maxDetections), classes: classes.join(', ') },
  };
}

export function problemIn(fields: PipelineFields): string | undefined {
  if (fields.camera.trim() === '') return 'Name a camera, or * for every camera.';
  const isShare = (text: string) => text === '' || (Number(text) >= 0 && Number(text) <= 1);
  if (!isShare(fields.scoreThreshold) || !isShare(fields.iouThreshold))
    return 'Enter score and overlap as numbers from 0 to 1.';
  const most = fields.maxDetections;
  return most === '' || /^[1-9]\d{0,3}$/.test(most)
    ? undefined
    : 'Enter a whole number of detections from 1.';
}

/** The whole body of the PUT: it replaces all settings, so what the form does not have is kept. */
export function withFields(settings: DesiredSettings, fields: PipelineFields): DesiredSettings {
  const camera = fields.camera.trim();
  const { [camera]: before = {}, ...others } = settings.pipelines ?? {};
  const kept = Object.entries(before).filter(([field]) => !owned.includes(field));
  const labels = fields.classes.split(',').map((label) => label.trim());
  const classes = labels.filter((label) => label !== '');
  const numbers = (['scoreThreshold', 'iouThreshold', 'maxDetections'] as const).flatMap((field) =>
    fields[field].trim() === '' ? [] : [[field, Number(fields[field])] as const],
  );
  const next: PipelineSettings = {
    ...Object.fromEntries([...kept, ...numbers]),
    ...(fields.enabled === '' ? {} : { enabled: fields.enabled === 'on' }),
    ...(classes.length === 0 ? {} : { classes }),
  };
  const pipelines = Object.keys(next).length === 0 ? others : { ...others, [camera]: next };
  return { ...settings, pipelines };
}
