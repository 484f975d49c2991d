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
    operator: mode('Live pictures for operators. Default: blurred'),
    admin: mode('Live pictures for admins. Default: blurred'),
    frames: mode(
      'Weakest mode for hard frames; `boxes` stores none. Default: the value of `drift.frames.blur`',
    ),
    graph: mode(
      "Mode for `~/annotated` and `~/snapshot` in the robot's ROS 2 graph, and for pictures of streams. Default: the strictest of the three roles",
    ),
    clips: mode('Mode for clips; `boxes` stores none. Default: the strictest of the three roles'),
    hideScore: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 1,
        description:
          'Persons, faces and plates with at least this score are hidden, independent of the score threshold of the fleet. Default: 0.1',
      }),
    ),
    masks: Type.Optional(
      Type.Array(
        Type.Array(Type.Tuple([Part, Part]), {
          minItems: 3,
          maxItems: 64,
          description: 'Corners in order, as shares (0 to 1) of width and height from the top left',
        }),
        {
          maxItems: 32,
          description: 'Parts of the picture that are always black, for every role and mode',
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type PrivacySettings = Static<typeof PrivacySettings>;
