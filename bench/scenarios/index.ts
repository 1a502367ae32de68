/** All scenarios, in the order in which they run. */
import type { Scenario } from '../harness/scenario.ts'
import { seed } from './seed.ts'

export const scenarios: readonly Scenario[] = [seed]
