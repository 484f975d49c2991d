import onvif from 'onvif';
import { defined, describeError, GoshawkError, InputError, MissingError } from '../../base/index.ts';
import { isCertificateRefused, type NoNotices, serve, type ThreadContract } from '../../platform/index.ts';
import { type CameraStream, camerasOf, type NetworkCamera, streamOf } from './answers.ts';
import { boundedAgent } from './bounded-agent.ts';

export interface OnvifThread extends ThreadContract {
  readonly data: undefined;
  readonly calls: {
    discover(request: { readonly waitMs: number; readonly networkInterface?: string }): Discovered;
    streams(request: StreamRequest): readonly CameraStream[];
  };
  readonly notices: NoNotices;
}

export interface Discovered {
  readonly cameras: readonly NetworkCamera[];
  /** Answers that could not be read. */
  readonly unreadable: number;
}

export interface StreamRequest {
  /** Of its device service. */
  readonly service: string;
  readonly username?: string;
  readonly password?: string;
  /** Take the camera's certificate as it comes. */
  readonly unverified?: boolean;
  readonly timeoutMs: number;
}

const mostCameras = 1000;
const mostProfiles = 64;

// The library throws where an answer has another form than it expects, out of reach of any caller. Here that costs the
// answer alone.
let unreadable = 0;
process.on('uncaughtException', () => {
  unreadable += 1;
});

serve<OnvifThread>(
  () => ({
    answers: {
      discover: ({ waitMs, networkInterface }) => discover(waitMs, networkInterface),
      streams,
    },
  }),
  explain,
);

function explain(error: unknown): GoshawkError {
  if (error instanceof GoshawkError) return error;
  if (error instanceof Error && isCertificateRefused(error))
    return new InputError(
      'onvif-certificate',
      `The certificate of the camera is not trusted: ${describeError(error).replace(/\.$/, '')}.`,
      'Name the file of its authority in NODE_EXTRA_CA_CERTS, and the camera by the name in its certificate. --unverified accepts any certificate: any program that answers at this address then gets the digest of the password.',
    );
  const said = describeError(error).replace(/\.$/, '');
  if (/not ?authorized|digest authentication/i.test(said))
    return new InputError(
      'onvif-refused',
      'The camera refused the name or the password.',
      'Many cameras have separate users for ONVIF: add one in the settings of the camera.',
    );
  return new InputError(
    'onvif-answer',
    `The camera did not list its streams: ${said}.`,
    'Check the address, and switch ONVIF on in the settings of the camera.',
  );
}

function discover(waitMs: number, networkInterface: string | undefined): Promise<Discovered> {
  const found = new Map<string, NetworkCamera>();
  unreadable = 0;
  const { Discovery } = onvif;
  return new Promise((resolve, reject) => {
    const heard = (answer: unknown, { address }: { readonly address: string }) => {
      for (const camera of camerasOf(answer, address)) {
        if (found.size >= mostCameras) return;
        found.set(`${address} ${camera.service ?? ''}`, camera);
      }
    };
    const failed = (error: unknown) => {
      // What it says of an answer is a string; an error is of the socket.
      if (error instanceof Error) reject(unasked(error));
      else unreadable += 1;
    };
    Discovery.on('device', heard);
    Discovery.on('error', failed);
    Discovery.probe({ timeout: waitMs, resolve: false, ...defined({ device: networkInterface }) }, () => {
      Discovery.off('device', heard);
      Discovery.off('error', failed);
      resolve({ cameras: [...found.values()], unreadable });
    });
  });
}

function unasked(error: Error): MissingError {
  return new MissingError(
    'onvif-network',
    `The search for cameras could not use the network: ${describeError(error).replace(/\.$/, '')}.`,
    'Name a network that is up with --interface, or the address of the camera with goshawk camera streams.',
    { cause: error },
  );
}

async function streams({
  service,
  username,
  password,
  unverified = false,
  timeoutMs,
}: StreamRequest): Promise<CameraStream[]> {
  const url = new URL(service);
  const secure = url.protocol === 'https:';
  const { agent, tooMuch, end } = boundedAgent(secure, unverified);
  const camera = new onvif.Cam({
    ...{ hostname: url.hostname, useSecure: secure, path: url.pathname, timeout: timeoutMs, agent },
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(username === undefined ? {} : { username: escaped(username), password: password ?? '' }),
    // A camera that names other addresses for its services would send the login there.
    ...{ autoconnect: false, preserveAddress: true },
  });
  try {
    return await Promise.race([streamsOf(camera), tooMuch]);
  } finally {
    end();
  }
}

async function streamsOf(camera: InstanceType<typeof onvif.Cam>): Promise<CameraStream[]> {
  await answered((done) => camera.connect(done));
  const out: CameraStream[] = [];
  const profiles: readonly unknown[] = Array.isArray(camera.profiles) ? camera.profiles : [];
  for (const profile of profiles.slice(0, mostProfiles)) {
    const { token } = (profile as { readonly $?: { readonly token?: string } }).$ ?? {};
    if (token === undefined) continue;
    const answer = await answered<{ readonly uri?: unknown }>((done) =>
      camera.getStreamUri({ protocol: 'RTSP', profileToken: token }, done),
    );
    const stream = streamOf(profile, answer?.uri);
    if (stream !== undefined) out.push(stream);
  }
  return out;
}

/** The library writes it into its XML as it is. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The library says `false` too where there is no error. */
function answered<T>(
  ask: (done: (error: Error | null | false, answer?: T) => void) => void,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    ask((error, answer) => (error instanceof Error ? reject(error) : resolve(answer)));
  });
}
