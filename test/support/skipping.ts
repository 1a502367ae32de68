import { describe, it } from 'vitest'

/** Runs a suite, unless there is a reason not to: then one skipped test names it. */
export function describeUnless(reason: string | false | undefined, name: string, suite: () => void): void {
  if (reason) it.skip(`${name}: ${reason}`)
  else describe(name, suite)
}

/** Why tests on the Penn Treebank do not run; undefined if they do. */
export const NO_PTB = process.env.RNNLM_PTB_DIR
  ? undefined
  : 'needs RNNLM_PTB_DIR, the folder of ptb.train.txt, ptb.valid.txt and ptb.test.txt'
