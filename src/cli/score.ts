/** `rnnlm score`: the probabilities of sentences under a trained model. */
import { Command } from 'commander'
import { readLines } from '../data/lines.ts'
import { nameOfText, openText, STANDARD_INPUT } from '../data/text-source.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { fileError } from '../files/file-error.ts'
import { type EncodedSentence, encodeSentence, type SentenceScore, scoreEncoded } from '../inference/index.ts'
import { loadModel } from '../jobs/load-model.ts'
import { inPieces } from '../pace.ts'
import { formatCount, formatShare } from '../report/format.ts'
import { interruptible } from './interrupt.ts'
import { print, tell } from './output.ts'

export interface ScoreFlags {
  continued?: boolean
  json?: boolean
}

export interface ScoredSentence extends SentenceScore {
  sentence: string
}

interface Sentence extends EncodedSentence {
  text: string
}

export const COLUMNS = `
Each output line contains the log-probability in nats, the number of tokens, the perplexity and the sentence, separated
by tabs. A tab in a sentence is replaced by a space. Each sentence is scored as if it were the beginning of a text, and
its end (<eos>) is included. Unknown words are scored as <unk>; a model without <unk> reports an error. Blank lines are
skipped, except in character mode.`

export function sentencesCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<checkpoint>', 'checkpoint file, or job folder (its best checkpoint is used)')
    .argument('[file]', 'file with one sentence per line (default: standard input, -)')
    .option('--json', 'print one JSON object per line')
}

export function scoreCommand(): Command {
  return sentencesCommand('score', 'Prints the probability of each sentence under a trained model.')
    .option('--continued', 'score each sentence as the continuation of the previous one')
    .addHelpText(
      'after',
      `${COLUMNS}
The totals over all sentences go to standard error. With --continued, they equal those of "rnnlm eval --batch-size 1",
except that eval does not score the first token.

Examples:
  rnnlm score novel sentences.txt
  echo "the cat sat on the mat" | rnnlm score novel --json`,
    )
    .action((checkpoint: string, file: string | undefined, { continued = false, json = false }: ScoreFlags) =>
      interruptible(async (signal) => {
        const sum = { sentences: 0, tokens: 0, unknown: 0, logProbability: 0 }
        for await (const scores of scoreFile(checkpoint, file, continued, signal)) {
          for (const score of scores) addTo(sum, score)
          await print(scores.map((score) => lineOf(score, json)).join(''))
        }
        tell(describeSum(sum))
      }),
    )
}

/** Yields the scores of the sentences of a file in order: all at once if `continued`, otherwise as they are read. */
export async function* scoreFile(
  checkpoint: string,
  file: string | undefined,
  continued: boolean,
  signal: AbortSignal,
): AsyncGenerator<ScoredSentence[], void, undefined> {
  const { model, vocabulary } = loadModel(checkpoint)
  const score = async (sentences: readonly Sentence[]) => {
    const scores = await scoreEncoded(model, vocabulary, sentences, { continued, signal })
    return scores.map((score, i) => ({ ...score, sentence: sentences[i]!.text }))
  }
  const all: Sentence[] = []
  for await (const sentences of readSentences(file, vocabulary, signal)) {
    if (continued) for (const sentence of sentences) all.push(sentence)
    else yield await score(sentences)
  }
  if (continued) yield await score(all)
}

async function* readSentences(
  file: string | undefined,
  vocabulary: Vocabulary,
  signal: AbortSignal,
): AsyncGenerator<Sentence[], void, undefined> {
  const path = file ?? STANDARD_INPUT
  const input = openText(path)
  const stop = () => void input.destroy(signal.reason)
  signal.addEventListener('abort', stop)
  let count = 0
  try {
    for await (const lines of readLines(input)) {
      const sentences: Sentence[] = []
      for (const text of lines) {
        count++
        if (vocabulary.unit === 'word' && !/\S/.test(text)) continue
        const encoded = await inPieces(encodeSentence(vocabulary, text, `line ${count}`), signal)
        sentences.push({ text, ...encoded })
      }
      yield sentences
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw fileError('read', nameOfText(path), cause)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export function lineOf(score: ScoredSentence, json: boolean): string {
  const { sentence, tokens, unknown, logProbability, perplexity } = score
  if (json) return `${JSON.stringify({ sentence, tokens, unknown, logProbability, perplexity })}\n`
  return `${logProbability.toFixed(4)}\t${tokens}\t${Number(perplexity.toPrecision(6))}\t${sentence.replaceAll('\t', ' ')}\n`
}

interface Sum {
  sentences: number
  tokens: number
  unknown: number
  logProbability: number
}

export function addTo(sum: Sum, { tokens, unknown, logProbability }: SentenceScore): void {
  sum.sentences++
  sum.tokens += tokens
  sum.unknown += unknown
  sum.logProbability += logProbability
}

function describeSum(sum: Sum): string {
  const { sentences, tokens, logProbability } = sum
  if (sentences === 0) return 'no sentences'
  const perplexity = Math.exp(-logProbability / tokens).toPrecision(6)
  return (
    `${formatCount(sentences)} ${sentences === 1 ? 'sentence' : 'sentences'}, ${describeUnknown(sum)}, ` +
    `log-probability ${logProbability.toFixed(4)}, perplexity ${Number(perplexity)}`
  )
}

/** `1,234 tokens, 12 of them unknown (1.0 %)` */
export function describeUnknown({ tokens, unknown }: Sum): string {
  const counted = `${formatCount(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`
  return unknown === 0
    ? counted
    : `${counted}, ${formatCount(unknown)} of them unknown (${formatShare(unknown, tokens)})`
}
