/* What tests read of compile.mjs. */

export function stubLibraries(
  program: string,
  folder: string,
): Promise<{ readonly stubs?: string; readonly problem?: string }>;
