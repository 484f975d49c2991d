import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Integration tests start brokers, workers and browsers; on two cores more files at once only slows each down.
    maxWorkers: 2,
    // ONNX Runtime's npm binaries send usage data unless told not to; the product says so too, in src/cli/main.ts.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
