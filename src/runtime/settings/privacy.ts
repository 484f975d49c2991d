import { type Static, Type } from '@sinclair/typebox';

const modes = [Type.Literal('plain'), Type.Literal('blurred'), Type.Literal('boxes')];
const mode = (description: string) => Type.Optional(Type.Union(modes, { description }));

const Part = Type.Number({ minimum: 0, maximum: 1 });

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
    clips: mode('Of clips: `boxes` keeps none. Default: as for the strictest of the three roles'),
    hideScore: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 1,
        description:
          'Persons, faces and plates that are found with this score or more are hidden, whatever score the fleet reports. Default: 0.1',
      }),
    ),
    masks: Type.Optional(
      Type.Array(
        Type.Array(Type.Tuple([Part, Part]), {
          minItems: 3,
          maxItems: 64,
          description: 'Corners in their order, as parts of the picture from its left and its top, 0 to 1',
        }),
        {
          maxItems: 32,
          description: 'Parts of the picture that are always black, for everybody; `plain` changes nothing',
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type PrivacySettings = Static<typeof PrivacySettings>;
