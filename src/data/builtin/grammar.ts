/**
 * A grammar in which every choice is visible in the text, so the probability of each word given all previous words is
 * known exactly.
 *
 * A rule is a coroutine: it yields the distribution of the next word and receives that word. A writer answers with a
 * word drawn from the distribution, a scorer with the next word of its text. The branches of a choice must begin with
 * different words, which is checked when the grammar is created. The next word therefore identifies the branch, and
 * there are no hidden choices.
 */
import { rangeError } from '../../errors.ts'

/** The distribution of the next word. */
export interface Choices {
  /** The probability of each word. All are above 0 and their sum is 1. */
  readonly probabilities: ReadonlyMap<string, number>
  /** Whether the word can be predicted only from something mentioned long before. */
  readonly asksMemory: boolean
}

/** The words remembered since the beginning of the story, by role. */
export type Memory = Map<Role, string>

/** The name of a remembered word. */
type Role = symbol

/** Yields the distribution of each next word and receives the word. */
type Telling = Generator<Choices, void, string>

export interface Rule {
  /** All words that the rule can produce, except recalled ones. */
  readonly words: ReadonlySet<string>
  /** The distribution of the rule's first word. */
  first(memory: Memory): Choices
  /** Continues after the first word. */
  rest(word: string, memory: Memory): Telling
}

/** A rule or a fixed text. */
export type Phrase = Rule | string

/** The words of `text`, each with probability 1. */
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

/** A sequence of phrases. */
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
 * One of several phrases, chosen with probabilities proportional to the weights.
 * @throws {RangeError} if two phrases begin with the same word or one begins with a recalled word
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

/** One of several phrases with equal probabilities. */
export function oneOf(...phrases: Phrase[]): Rule {
  return choose(...phrases.map((phrase): [number, Phrase] => [1, phrase]))
}

/** One of the words of `text` with equal probabilities. */
export function anyOf(text: string): Rule {
  return oneOf(...text.split(' '))
}

/** `phrase` with probability ½, followed by `next`. */
export function optional(phrase: Phrase, next: Phrase): Rule {
  return oneOf(sequence(phrase, next), next)
}

/** Runs the rule and remembers its first word as `role`. */
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

/** Repeats the word remembered as `role`. */
export function recall(role: Role): Rule {
  return repeat(role, false)
}

/** As `recall`, and marks the word as one that requires a long memory. */
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
