import { type Static, Type } from '@sinclair/typebox';

const modes = [Type.Literal('plain'), Type.Literal('blurred'), Type.Literal('boxes')];
const mode = (description: string) => Type.Optional(Type.Union(modes, { description }));

/** Of one camera, or of all of them. */
export const PrivacySettings = Type.Object(
  {
    viewer: mode(
      'Live pictures for viewers: `plain`, `blurred` (persons, faces, plates, as far as the model knows them) or `boxes` alone. Default: blurred',
    ),
    operator: mode('For operators. Default: blurred'),
    admin: mode('For admins. Default: blurred'),
    frames: mode('Of hard frames, at the least: `boxes` keeps none. Default: what `drift.frames.blur` says'),
    graph: mode(
      "Of `~/annotated` and `~/snapshot` on the robot's own ROS 2 graph, and of pictures of streams. Default: as for the strictest of the three roles",
    ),
  },
  { additionalProperties: false },
);
export type PrivacySettings = Static<typeof PrivacySettings>;
