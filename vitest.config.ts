import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** For a test, a hook, and whatever is polled for; sanitizers and emulators need more. */
const milliseconds = Number(process.env.RNNLM_TEST_TIMEOUT ?? 120_000)

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // The default leaves one core free, which on two cores is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: milliseconds,
    hookTimeout: milliseconds,
    teardownTimeout: milliseconds,
    expect: { poll: { timeout: milliseconds } },
    typecheck: { enabled: false },
  },
})
