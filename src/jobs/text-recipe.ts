/**
 * Chooses the settings that the preset `text` leaves open, based on the length of the text. The measurements are in
 * bench/results/texts/.
 */
import type { Texts } from '../data/texts.ts'
import type { Unit } from '../data/tokenizer.ts'
import { type JobSettings, OPEN_SETTINGS, type OpenSettings } from './settings.ts'

interface Recipe {
  hiddenSize: number
  dropout: number
  lr: number
  timeSize: number
  maxEpoch: number
}

const PATIENCE = 5
const LARGEST_BATCH = 20
/** The minimum number of iterations per epoch; batches of short texts have fewer rows. */
const LEAST_ITERATIONS = 10

/** Returns the settings with open ones filled in; complete settings are returned unchanged. */
export function fitToText(settings: OpenSettings, { train, valid, vocabulary }: Texts): JobSettings {
  if (OPEN_SETTINGS.every((name) => settings[name] !== undefined)) return settings as JobSettings
  const tokens = train.length
  const recipe = RECIPES[vocabulary.unit](tokens)
  const hiddenSize = settings.hiddenSize ?? settings.wordvecSize ?? recipe.hiddenSize
  const wordvecSize = settings.wordvecSize ?? hiddenSize
  const timeSize = Math.min(recipe.timeSize, Math.max(1, tokens - 1))
  const rows = Math.floor(tokens / (LEAST_ITERATIONS * (settings.timeSize ?? timeSize)))
  return {
    ...(valid ? { patience: PATIENCE } : {}),
    ...recipe,
    tieWeights: wordvecSize === hiddenSize,
    batchSize: Math.min(LARGEST_BATCH, Math.max(1, rows)),
    timeSize,
    ...settings,
    hiddenSize,
    wordvecSize,
  }
}

const RECIPES: Record<Unit, (tokens: number) => Recipe> = {
  word: (tokens) => ({
    hiddenSize: tokens < 10_000 ? 100 : 200,
    dropout: tokens < 100_000 ? 0.65 : tokens < 500_000 ? 0.5 : 0.3,
    lr: 0.006,
    timeSize: tokens < 100_000 ? 10 : 35,
    maxEpoch: epochs(12, 200_000, tokens),
  }),
  character: (tokens) => ({
    hiddenSize: tokens < 50_000 ? 128 : 256,
    dropout: tokens < 500_000 ? 0.3 : 0.2,
    lr: 0.004,
    timeSize: 25,
    maxEpoch: epochs(12, 1_000_000, tokens),
  }),
}

/** The number of epochs: `count` for `size` tokens, half as many for four times as many tokens; between 3 and 40. */
function epochs(count: number, size: number, tokens: number): number {
  return Math.min(40, Math.max(3, Math.round(count * Math.sqrt(size / tokens))))
}
