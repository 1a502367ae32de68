/** `rnnlm generate`: text from a trained model. */
import { Command } from 'commander'
import { END_OF_SENTENCE, UNKNOWN } from '../data/tokenizer.ts'
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
    .description('Writes text with a trained model.')
    .argument('<checkpoint>', 'a checkpoint, or the folder of a job: its best checkpoint')
    .option('--prompt <text>', 'what the text begins with', '')
    .option('--tokens <count>', 'words, or characters, to draw', integer(0), 100)
    .option(
      '--temperature <t>',
      'below 1: likelier words; above 1: more surprises; 0: always the best',
      amount,
      1,
    )
    .option('--top-k <count>', 'draw only from this many of the likeliest words', integer(1))
    .option('--seed <number>', 'the same seed draws the same text', integer(0), 0)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Words are drawn one after the other, each by the model's probabilities given all before it. <unk> is never drawn; words of
the prompt that the model does not know are read as <unk>. The end of a sentence is
the end of a line.

Examples:
  rnnlm generate novel
  rnnlm generate novel --prompt "the cat" --tokens 20 --temperature 0.7
  rnnlm generate novel --top-k 40 --seed 2`,
    )
    .action((checkpoint: string, { json, ...options }: GenerateFlags) =>
      interruptible(async (signal) => {
        const { model, vocabulary } = loadModel(checkpoint)
        const drawn = generateIds(model, vocabulary, { ...options, skip: [UNKNOWN], signal })
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

/** The prompt as it was given, words that are unknown among them, and what was drawn. */
function continued(prompt: string, ids: readonly number[], vocabulary: Vocabulary): string {
  const text = vocabulary.decode(ids)
  const needsSpace = vocabulary.unit === 'word' && /\S$/.test(prompt) && /^\S/.test(text)
  return `${prompt}${needsSpace ? ' ' : ''}${text}`
}
