/** `rnnlm generate`: generates text with a trained model. */
import { Command } from 'commander'
import { END_OF_SENTENCE } from '../data/tokenizer.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { generateIds } from '../inference/index.ts'
import { loadModel } from '../jobs/load-model.ts'
import { interruptible } from './interrupt.ts'
import { print } from './output.ts'
import { amount, integer } from './values.ts'

interface GenerateFlags {
  prompt: string
  tokens: number
  temperature: number
  topK?: number
  seed: number
  json?: boolean
}

export function generateCommand(): Command {
  return new Command('generate')
    .description('Generates text with a trained model.')
    .argument('<checkpoint>', 'checkpoint file, or job folder (its best checkpoint is used)')
    .option('--prompt <text>', 'beginning of the text', '')
    .option('--tokens <count>', 'number of words (or characters) to generate', integer(0), 100)
    .option(
      '--temperature <t>',
      'divides the scores: below 1 favours probable words, above 1 improbable ones; 0 is greedy decoding',
      amount,
      1,
    )
    .option('--top-k <count>', 'sample only from this many of the most probable words', integer(1))
    .option('--seed <number>', 'random seed; the same seed generates the same text', integer(0), 0)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Each word is sampled from the probabilities that the model predicts after the prompt and the words so far. <unk> is never
sampled; unknown words in the prompt are read as <unk>. The end of a sentence ends the line.

Examples:
  rnnlm generate novel
  rnnlm generate novel --prompt "the cat" --tokens 20 --temperature 0.7
  rnnlm generate novel --top-k 40 --seed 2`,
    )
    .action((checkpoint: string, { json, ...options }: GenerateFlags) =>
      interruptible(async (signal) => {
        const { model, vocabulary } = loadModel(checkpoint)
        const drawn = generateIds(model, vocabulary, { ...options, signal })
        const { prompt, seed } = options
        if (json) {
          const ids: number[] = []
          for await (const id of drawn) ids.push(id)
          return print(`${JSON.stringify({ prompt, seed, text: continued(prompt, ids, vocabulary) })}\n`)
        }
        const end = vocabulary.wordToId.get(END_OF_SENTENCE)
        let before = prompt
        let line: number[] = []
        for await (const id of drawn) {
          line.push(id)
          if (id !== end) continue
          await print(continued(before, line, vocabulary))
          before = ''
          line = []
        }
        if (before !== '' || line.length > 0) await print(`${continued(before, line, vocabulary)}\n`)
      }),
    )
}

/** The prompt, including its unknown words, followed by the generated text. */
function continued(prompt: string, ids: readonly number[], vocabulary: Vocabulary): string {
  const text = vocabulary.decode(ids)
  const needsSpace = vocabulary.unit === 'word' && /\S$/.test(prompt) && /^\S/.test(text)
  return `${prompt}${needsSpace ? ' ' : ''}${text}`
}
