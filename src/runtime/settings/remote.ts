import { type Static, Type } from '@sinclair/typebox';
import { AddedKind } from '../../protocol/index.ts';

/** What the fleet may do with the agent itself; docs/remote-commands.md. */
export const RemoteSettings = Type.Object(
  {
    restart: Type.Union([Type.Literal('auto'), Type.Boolean()], {
      default: 'auto',
      description:
        'An operator may restart the agent; auto: where systemd or a container starts it again (it ends with status 75)',
    }),
    rebootProgram: Type.Optional(
      Type.Array(Type.String({ maxLength: 4096 }), {
        minItems: 1,
        maxItems: 64,
        description:
          'Restarts the board for an admin of the fleet, without a shell; with the Debian package `["touch", "/var/lib/goshawk-agent/reboot"]` and `systemctl enable --now goshawk-reboot.path`. Absent: the fleet cannot restart the board',
      }),
    ),
    logs: Type.Boolean({
      default: true,
      description: 'An operator may read the last lines of the log, without secrets',
    }),
    bundle: Type.Boolean({
      default: true,
      description: 'An operator may download a support bundle, without secrets',
    }),
    cameras: Type.Array(AddedKind, {
      default: [],
      maxItems: 3,
      uniqueItems: true,
      description:
        'Kinds of cameras that an operator may add, rename and remove, of `rtsp`, `mjpeg` and `v4l2`; none by default, since an added camera makes the device connect to an address that the fleet chooses, or show what one of its cameras sees',
    }),
    cameraNetworks: Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' }), {
      default: [],
      maxItems: 64,
      description:
        'Networks in which added cameras may be, such as `10.1.0.0/16`; without any: everywhere but on this machine itself and at link-local addresses',
    }),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Actions of operators on the agent itself',
  },
);
export type RemoteSettings = Static<typeof RemoteSettings>;
