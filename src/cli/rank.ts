/** `rnnlm rank`: sorts sentences by their probability under a trained model. */
import type { Command } from 'commander'
import { inPieces, ranges, rest, sorted } from '../pace.ts'
import { interruptible } from './interrupt.ts'
import { print, tell } from './output.ts'
import {
  addTo,
  COLUMNS,
  describeUnknown,
  lineOf,
  type ScoredSentence,
  type ScoreFlags,
  scoreFile,
  sentencesCommand,
} from './score.ts'

export function rankCommand(): Command {
  return sentencesCommand(
    'rank',
    'Sorts sentences by their probability under a trained model, most probable first.',
  )
    .addHelpText(
      'after',
      `${COLUMNS}
Sentences are sorted by the probability of the whole sentence, which favours short sentences.

Examples:
  rnnlm rank novel candidates.txt | head -1
  rnnlm rank novel candidates.txt | cut -f 4`,
    )
    .action((checkpoint: string, file: string | undefined, { json = false }: ScoreFlags) =>
      interruptible(async (signal) => {
        const all: ScoredSentence[] = []
        for await (const scores of scoreFile(checkpoint, file, false, signal)) all.push(...scores)
        const ranked = await inPieces(
          sorted(all, (a, b) => b.logProbability - a.logProbability),
          signal,
        )
        const sum = { sentences: 0, tokens: 0, unknown: 0, logProbability: 0 }
        for (const [from, to] of ranges(ranked.length, 2 ** 10)) {
          const scores = ranked.slice(from, to)
          for (const score of scores) addTo(sum, score)
          await print(scores.map((score) => lineOf(score, json)).join(''))
          await rest(signal)
        }
        if (sum.unknown > 0) tell(describeUnknown(sum))
      }),
    )
}
