import { type Static, Type } from '@sinclair/typebox';

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
          'Restarts the board for an admin of the fleet, without a shell; with the Debian package `["touch", "/var/lib/goshawk-agent/reboot"]` and `systemctl enable --now goshawk-reboot.path`. Absent: the fleet can not restart the board',
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
  },
  {
    additionalProperties: false,
    default: {},
    description: 'What people of the fleet may do with the agent itself',
  },
);
export type RemoteSettings = Static<typeof RemoteSettings>;
