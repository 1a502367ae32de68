/**
 * A grammar of which every choice shows in the text, so that the probability of each word given all words before
 * it is known exactly.
 *
 * A rule is told word by word by a coroutine: it yields the distribution of the next word and receives the word that
 * came. Whoever writes a text answers with a word drawn from the distribution; whoever scores a text answers with the
 * word that stands there. The branches of a choice must begin with different words, which is checked when the
 * grammar is made: so the next word alone tells which branch was taken, and nothing is ever chosen in secret.
 */
import { rangeError } from '../../errors.ts'

/** The distribution of the next word. */
export interface Choices {
  /** Probability by word; each above 0, their sum 1. */
  readonly probabilities: ReadonlyMap<string, number>
  /** Whether the word is certain only to whoever remembers what was said long before. */
  readonly asksMemory: boolean
}

/** What has been remembered since the story began: a word for each role. */
export type Memory = Map<Role, string>

/** The name of a place in the memory. */
export type Role = symbol

/** Yields the distribution of each next word, receives the word. */
export type Telling = Generator<Choices, void, string>

export interface Rule {
  /** Every word that the rule can say by itself, without what it recalls. */
  readonly words: ReadonlySet<string>
  /** The distribution of the rule's first word. */
  first(memory: Memory): Choices
  /** Tells what comes after the first word. */
  rest(word: string, memory: Memory): Telling
}

/** A rule, or the fixed words of a text. */
export type Phrase = Rule | string

/** The words of `text`, each certain after the one before. */
function say(text: string): Rule {
  const words = text.split(' ')
  const [first, ...others] = words.map((word) => certain(word, false))
  return {
    words: new Set(words),
    first: () => first!,
    *rest() {
      for (const choices of others) yield choices
    },
  }
}

/** One phrase after another. */
export function sequence(...phrases: [Phrase, ...Phrase[]]): Rule {
  const rules = phrases.map(toRule)
  const [head, ...tail] = rules as [Rule, ...Rule[]]
  return {
    words: union(rules),
    first: head.first,
    *rest(word, memory) {
      yield* head.rest(word, memory)
      for (const rule of tail) yield* rule.rest(yield rule.first(memory), memory)
    },
  }
}

/**
 * One of several phrases, each as likely as its weight's share of all weights.
 * Throws a `RangeError` if two phrases begin with the same word, or if one begins with a recalled word.
 */
export function choose(...branches: [weight: number, phrase: Phrase][]): Rule {
  const total = branches.reduce((sum, [weight]) => sum + weight, 0)
  const probabilities = new Map<string, number>()
  const branchOf = new Map<string, Rule>()
  const rules = branches.map(([, phrase]) => toRule(phrase))
  for (const [index, rule] of rules.entries()) {
    for (const [word, probability] of rule.first(new Map()).probabilities) {
      if (branchOf.has(word)) throw rangeError('choose', 'branches', 'first words that all differ', word)
      branchOf.set(word, rule)
      probabilities.set(word, (branches[index]![0] * probability) / total)
    }
  }
  const choices: Choices = { probabilities, asksMemory: false }
  return {
    words: union(rules),
    first: () => choices,
    rest: (word, memory) => branchOf.get(word)!.rest(word, memory),
  }
}

/** One of several phrases, all equally likely. */
export function oneOf(...phrases: Phrase[]): Rule {
  return choose(...phrases.map((phrase): [number, Phrase] => [1, phrase]))
}

/** One of the words of `text`, all equally likely. */
export function anyOf(text: string): Rule {
  return oneOf(...text.split(' '))
}

/** `phrase` half of the time, and then `next`. */
export function optional(phrase: Phrase, next: Phrase): Rule {
  return oneOf(sequence(phrase, next), next)
}

/** Tells the rule and remembers its first word in `role`. */
export function remember(role: Role, rule: Rule): Rule {
  return {
    words: rule.words,
    first: rule.first,
    rest(word, memory) {
      memory.set(role, word)
      return rule.rest(word, memory)
    },
  }
}

/** Says once more the word remembered in `role`. */
export function recall(role: Role): Rule {
  return repeat(role, false)
}

/** As `recall`, and marks the word as one that only a long memory can know. */
export function ask(role: Role): Rule {
  return repeat(role, true)
}

function repeat(role: Role, asksMemory: boolean): Rule {
  return {
    words: new Set(),
    first(memory) {
      const word = memory.get(role)
      if (word === undefined) throw rangeError('recall', 'role', 'a role that was remembered before', role)
      return certain(word, asksMemory)
    },
    *rest() {},
  }
}

function certain(word: string, asksMemory: boolean): Choices {
  return { probabilities: new Map([[word, 1]]), asksMemory }
}

function toRule(phrase: Phrase): Rule {
  return typeof phrase === 'string' ? say(phrase) : phrase
}

function union(rules: readonly Rule[]): Set<string> {
  return new Set(rules.flatMap((rule) => [...rule.words]))
}
