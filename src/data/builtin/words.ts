/** The words of the stories by category, and phrases that all stories share. */
import { END_OF_SENTENCE as END } from '../tokenizer.ts'
import { anyOf, oneOf, optional, type Phrase, type Rule, recall, sequence } from './grammar.ts'

export { END }

/** The role of a thing that is bought or brought and mentioned again in a later sentence. */
export const thing = Symbol('thing')

export const MAN = anyOf('tom bob jack paul peter john henry david')
export const WOMAN = anyOf('mary ann lucy kate jane emma susan helen')
export const RELATIVE = anyOf('mother father brother sister uncle aunt cousin friend teacher')
export const ANIMAL = anyOf('fox dog cat wolf bear horse goat bird mouse rabbit hen frog duck')
export const ANIMALS = anyOf('foxes dogs cats wolves bears horses goats birds mice rabbits hens frogs ducks')
export const THING = anyOf(
  'book letter basket flower map lamp hat kite box bell mirror clock violin ring coat candle',
)
export const THINGS = anyOf(
  'books letters baskets flowers maps lamps hats kites bells mirrors clocks rings candles',
)
export const FOOD = anyOf('bread soup rice cheese fish beans cake fruit')
export const DRINK = anyOf('tea coffee milk juice water')
const FURNITURE = anyOf('table shelf chair sofa bed desk stove window door carpet')
const LANDMARK = anyOf('barn river bridge church tree wall gate hill house mill lake well road tower forest')

export const MOOD = anyOf('happy glad surprised tired hungry angry sad cheerful')
const NATURE = anyOf('lazy young wild clever brave proud quiet lonely hungry tired')
const MAKE = anyOf('heavy round broken wooden strange new clean cheap')
const LOOK = anyOf('small big tiny pretty red blue green yellow white black brown grey')
export const WEATHER = anyOf('cold warm windy rainy sunny foggy dark bright quiet')

export const NUMBER = anyOf('two three four five six seven eight nine ten')
export const MONTH = anyOf(
  'january february march april may june july august september october november december',
)
export const DAY = anyOf('monday tuesday wednesday thursday friday saturday sunday')
export const DAY_PART = anyOf('morning afternoon evening night')
export const SEASON = anyOf('spring summer autumn winter')
export const SOON = anyOf('soon then later suddenly')
export const SOMEHOW = anyOf('slowly quickly quietly loudly happily sadly carefully again')
export const THAT = anyOf('the a that')

/** A noun with up to two adjectives. */
export const creature = (noun: Rule) => optional(NATURE, optional(LOOK, noun))
export const object = (noun: Rule) => optional(MAKE, optional(LOOK, noun))

/** The end of a sentence, with an optional addition. */
export const ending = (...more: Phrase[]) => oneOf(END, ...more.map((phrase) => sequence(phrase, END)))

export const THAT_LANDMARK = sequence(THAT, object(LANDMARK))
export const SOMEWHERE = sequence(anyOf('behind near under by beside past beyond above'), THAT_LANDMARK)
export const SOME_CREATURE = oneOf(sequence(THAT, creature(ANIMAL)), sequence(NUMBER, creature(ANIMALS)))

/** The end of a story that remembers a thing. */
export const PUT_AWAY = sequence(
  anyOf('put hid left dropped'),
  'the',
  recall(thing),
  anyOf('on under behind near'),
  THAT,
  object(FURNITURE),
  END,
)
