/* What a board makes of the settings that came with its image, at the first boot. */

export interface FirstBoot {
  /** Settings of the agent, from the image or from its package. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Id of this machine, in hex; the same for no other. */
  readonly deviceId: string;
  /** Where the claim of this board lies, when it has one. */
  readonly claimFile?: string;
  /** Nobody wrote them for this fleet: they are the package's, with a broker on the board itself. */
  readonly packaged?: boolean;
  /** Where the roots of signed metadata lie, when the image has them: they go before what the settings say. */
  readonly rootFile?: string;
  /** Of the image; otherwise that of the agent's package. */
  readonly model?: string;
}

/** The agent's settings on this board. What the image's settings say goes before what is made up here. */
export function boardSettings({
  settings,
  deviceId,
  claimFile,
  rootFile,
  packaged = false,
  model,
}: FirstBoot): Readonly<Record<string, unknown>> {
  const { device, broker, ...more } = settings;
  // The controller names the broker to who enrols; one in the settings would go before that.
  const given = broker === undefined || (packaged && claimFile !== undefined) ? more : { broker, ...more };
  const enrols = claimFile !== undefined || 'enrolment' in given;
  const named = typeof device === 'string' && device !== '' && !device.includes('@');
  return {
    // Who enrols gets its name from its enrolment.
    ...(named ? { device } : enrols ? {} : { device: deviceId }),
    // Whether a boot was good is read there.
    prometheus: { host: '127.0.0.1', port: 9464 },
    ...given,
    ...(claimFile === undefined || 'enrolment' in given ? {} : { enrolment: { claimFile } }),
    ...(rootFile === undefined ? {} : { trust: { ...(settings.trust as object | undefined), rootFile } }),
    ...(model === undefined ? {} : { model }),
    dataDir: '/var/lib/goshawk-agent',
  };
}

/** A wireless network as the image has it, and the file that iwd reads. */
export interface Wireless {
  readonly name: string;
  readonly passphrase?: string;
}

/** iwd writes a name with other characters than these in hex. */
export function iwdFileName({ name, passphrase }: Wireless): string {
  const plain = /^[A-Za-z0-9 _-]+$/.test(name);
  const hex = [...new TextEncoder().encode(name)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${plain ? name : `=${hex}`}.${passphrase === undefined ? 'open' : 'psk'}`;
}

export function iwdFile({ passphrase }: Wireless): string {
  return passphrase === undefined
    ? '[Settings]\nAutoConnect=true\n'
    : `[Security]\nPassphrase=${passphrase}\n\n[Settings]\nAutoConnect=true\n`;
}

/** Of WPA: 8 to 63 printable characters of ASCII. */
export function wirelessComplaint({ name, passphrase }: Wireless): string | undefined {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes < 1 || bytes > 32) return 'The name of a wireless network has 1 to 32 bytes.';
  if (passphrase !== undefined && !/^[\x20-\x7e]{8,63}$/.test(passphrase))
    return 'The password of a wireless network has 8 to 63 printable characters of ASCII.';
  return undefined;
}
