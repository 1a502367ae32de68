import { describe, expect, it } from 'vitest'
import { floorPerplexity, generateCorpus, scoreCorpus } from '../../src/data/builtin/corpus.ts'
import type { Choices } from '../../src/data/builtin/grammar.ts'
import { storyteller } from '../../src/data/builtin/storyteller.ts'

const HOSTS = ['tom', 'bob', 'jack', 'paul', 'peter', 'john', 'henry', 'david']

const large = generateCorpus({ words: 200_000, seed: 1 })
const { corpus, wordToId, idToWord, logProbabilities, memoryPositions } = large
const text = Array.from(corpus, (id) => idToWord[id]!)
const ids = (words: string) => words.split(' ').map((word) => wordToId.get(word)!)

/** Calls `visit` with the true model's distribution at each position of the text. */
function eachChoice(visit: (choices: Choices, position: number) => void): void {
  const telling = storyteller()
  let choices = telling.next().value
  for (const [position, word] of text.entries()) {
    visit(choices, position)
    choices = telling.next(word).value
  }
}

describe('generateCorpus', () => {
  it('gives the same text for the same seed, and another for another', () => {
    const again = generateCorpus({ words: 1000, seed: 1 })
    expect(again.corpus).toEqual(corpus.slice(0, 1000))
    expect(again.logProbabilities).toEqual(logProbabilities.slice(0, 1000))
    expect(generateCorpus({ words: 1000, seed: 2 }).corpus).not.toEqual(again.corpus)
  })

  it('stops exactly at the length asked for', () => {
    for (const words of [1, 2, 17, 1000]) {
      const short = generateCorpus({ words, seed: 3 })
      expect(short.corpus).toHaveLength(words)
      expect(short.logProbabilities).toHaveLength(words)
    }
  })

  it('refuses a length below 1', () => {
    expect(() => generateCorpus({ words: 0, seed: 1 })).toThrow(
      new RangeError('generateCorpus: words: expected an integer of at least 1, got 0'),
    )
    expect(() => generateCorpus({ words: 1.5, seed: 1 })).toThrow(RangeError)
  })

  it('has one vocabulary of 200 to 400 words, all of which occur', () => {
    expect(idToWord.length).toBeGreaterThanOrEqual(200)
    expect(idToWord.length).toBeLessThanOrEqual(400)
    expect(new Set(corpus).size).toBe(idToWord.length)
    expect([...wordToId]).toEqual(idToWord.map((word, id) => [word, id]))
    expect(generateCorpus({ words: 1, seed: 9 }).idToWord).toEqual(idToWord)
    expect(idToWord.filter((word) => !/^([a-z]+|<eos>)$/.test(word))).toEqual([])
  })

  it('writes sentences of a readable length', () => {
    const sentences = text.join(' ').split(' <eos> ')
    const lengths = sentences.map((sentence) => sentence.split(' ').length)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(25)
  })
})

describe('the true model', () => {
  it('has distributions that sum to 1, of positive probabilities', () => {
    const seen = new Set<Choices>()
    eachChoice((choices) => seen.add(choices))
    for (const { probabilities } of seen) {
      const values = [...probabilities.values()]
      expect(Math.min(...values)).toBeGreaterThan(0)
      expect(Math.abs(values.reduce((sum, value) => sum + value) - 1)).toBeLessThan(1e-12)
    }
  })

  it('agrees with the text: cross-entropy and entropy differ by less than 1 %', () => {
    let entropy = 0
    eachChoice(({ probabilities }) => {
      for (const probability of probabilities.values()) entropy -= probability * Math.log(probability)
    })
    const crossEntropy = -logProbabilities.reduce((sum, value) => sum + value)
    expect(Math.abs(crossEntropy / entropy - 1)).toBeLessThan(0.01)
  })

  it('has a perplexity of about 5', () => {
    expect(floorPerplexity(large)).toBeGreaterThan(4.9)
    expect(floorPerplexity(large)).toBeLessThan(5.2)
  })
})

describe('scoreCorpus', () => {
  it('gives the same log probabilities from the text alone, bit for bit', () => {
    expect(sameBits(scoreCorpus(corpus), logProbabilities)).toBe(true)
    expect(scoreCorpus([...corpus.subarray(0, 100)])).toEqual(logProbabilities.slice(0, 100))
  })

  it('can be checked by hand', () => {
    const scores = scoreCorpus(ids('it was a cold night <eos> the'))
    const expected = [1 / 27, 1, 1, 1 / 9, 1 / 8, 1 / 2, 1]
    for (const [position, probability] of expected.entries()) {
      expect(scores[position]).toBeCloseTo(Math.log(probability), 12)
    }
  })

  it("knows the book's own story", () => {
    const story = 'tom was watching tv in his room <eos> mary came into the room <eos> mary said hi to'
    expect(scoreCorpus(ids(`${story} tom`)).at(-1)).toBe(0)
    expect(() => scoreCorpus(ids(`${story} bob`))).toThrow(
      new RangeError('scoreCorpus: corpus[18]: expected a word that can follow: tom, got "bob"'),
    )
  })

  it('names the position of an impossible word', () => {
    eachChoice(({ probabilities }, position) => {
      if (position >= 200) return
      const impossible = Int32Array.from(corpus.subarray(0, 200))
      impossible[position] = idToWord.findIndex((word) => !probabilities.has(word))
      expect(() => scoreCorpus(impossible)).toThrow(
        `scoreCorpus: corpus[${position}]: expected a word that can follow`,
      )
    })
  })

  it('names the place of an id outside the vocabulary', () => {
    const limit = idToWord.length - 1
    for (const id of [-1, limit + 1, 0.5, Number.NaN]) {
      expect(() => scoreCorpus([corpus[0]!, id])).toThrow(
        new RangeError(`scoreCorpus: corpus[1]: expected a word id in 0…${limit}, got ${id}`),
      )
    }
  })
})

describe('floorPerplexity', () => {
  it('is the perplexity of the true model on a part of the text', () => {
    const middle = logProbabilities.slice(100, 200)
    const expected = Math.exp(-middle.reduce((sum, value) => sum + value) / 100)
    expect(floorPerplexity(large, 100, 200)).toBeCloseTo(expected, 12)
    expect(floorPerplexity(large, 199_900)).toBe(floorPerplexity(large, 199_900, 200_000))
  })

  it('refuses an empty part, and one outside the text', () => {
    expect(() => floorPerplexity(large, 5, 5)).toThrow(
      'floorPerplexity: from: expected an integer in 0…4, got 5',
    )
    expect(() => floorPerplexity(large, 0, 200_001)).toThrow('floorPerplexity: to: ')
    expect(() => floorPerplexity(large, -1)).toThrow('floorPerplexity: from: ')
  })
})

describe('whom she greets', () => {
  /** For each question, where the name was last said. */
  const mentions = Array.from(memoryPositions, (position) => {
    let mention = position - 1
    while (!HOSTS.includes(text[mention]!)) mention--
    return { position, mention }
  })

  it('is asked in about one word in ninety', () => {
    expect(corpus.length / memoryPositions.length).toBeGreaterThan(80)
    expect(corpus.length / memoryPositions.length).toBeLessThan(100)
  })

  it('is the last man named, 16 to 22 words before', () => {
    const distances = new Set<number>()
    for (const { position, mention } of mentions) {
      expect(text[mention]).toBe(text[position])
      distances.add(position - mention)
    }
    expect([...distances].sort()).toEqual([16, 17, 18, 19, 20, 21, 22])
  })

  it('is certain to who remembers, and each of the hosts is as likely to who does not', () => {
    for (const position of memoryPositions) expect(logProbabilities[position]).toBe(0)
    const counts = HOSTS.map((name) => mentions.filter(({ position }) => text[position] === name).length)
    expect(chiSquare([counts])).toBeLessThan(limit(HOSTS.length - 1))
  })

  it('does not show in the words between: with other names they are exactly as likely', () => {
    for (let shift = 1; shift < HOSTS.length; shift++) {
      const renamed = corpus.slice()
      for (const { position, mention } of mentions) {
        const name = HOSTS[(HOSTS.indexOf(text[position]!) + shift) % HOSTS.length]!
        renamed[mention] = renamed[position] = wordToId.get(name)!
      }
      expect(sameBits(scoreCorpus(renamed), logProbabilities)).toBe(true)
    }
  })

  it('is independent of each of the ten words before it', () => {
    for (let distance = 1; distance <= 10; distance++) {
      const before = mentions.map(({ position }) => text[position - distance]!)
      const frequent = [...new Set(before)].filter(
        (word) => before.filter((other) => other === word).length >= 40,
      )
      const table = frequent.map((word) =>
        HOSTS.map(
          (name) =>
            mentions.filter(({ position }, i) => before[i] === word && text[position] === name).length,
        ),
      )
      expect(chiSquare(table)).toBeLessThan(limit(frequent.length * (HOSTS.length - 1)))
    }
  })
})

function sameBits(a: Float64Array, b: Float64Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer))
}

/** Pearson's statistic of a table whose rows should be uniform. */
function chiSquare(table: number[][]): number {
  let statistic = 0
  for (const row of table) {
    const expected = row.reduce((sum, count) => sum + count) / row.length
    for (const count of row) statistic += (count - expected) ** 2 / expected
  }
  return statistic
}

/** Four standard deviations above the mean of the chi-square distribution. */
function limit(degreesOfFreedom: number): number {
  return degreesOfFreedom + 4 * Math.sqrt(2 * degreesOfFreedom)
}
