/**
 * The grammar of the built-in corpus: short stories in the style of the Penn Treebank, with lower-case words and
 * `<eos>` at the end of each sentence. A visit requires a long memory. The other stories require a shorter one, for
 * agreement in number, gender and direction, and for things mentioned in the previous sentence.
 */
import { anyOf, choose, oneOf, optional, recall, remember, sequence } from './grammar.ts'
import { host, VISIT } from './visit.ts'
import {
  ANIMAL,
  ANIMALS,
  creature,
  DAY,
  DAY_PART,
  END,
  ending,
  MAN,
  MONTH,
  MOOD,
  NUMBER,
  object,
  PUT_AWAY,
  RELATIVE,
  SEASON,
  SOME_CREATURE,
  SOMEHOW,
  SOMEWHERE,
  SOON,
  THAT,
  THAT_LANDMARK,
  THING,
  THINGS,
  thing,
  WEATHER,
  WOMAN,
} from './words.ts'

const business = Symbol('business')
const city = Symbol('city')

// The errand: pronouns agree with the person.

const errand = (he: string, his: string) => {
  const somebody = sequence(his, optional(MOOD, RELATIVE))
  return sequence(
    anyOf('went walked drove hurried ran'),
    'to',
    THAT,
    object(anyOf('market shop farm village station library school harbor church mill')),
    ending(sequence('with', somebody), SOMEHOW),
    optional(SOON, he),
    anyOf('bought found sold saw wanted painted fixed'),
    oneOf(sequence('a', object(remember(thing, THING))), sequence(NUMBER, object(remember(thing, THINGS)))),
    ending(
      sequence('and', oneOf(sequence('a', object(THING)), sequence(NUMBER, object(THINGS)))),
      sequence('for', somebody),
    ),
    optional(SOON, he),
    oneOf(sequence(anyOf('gave showed sent'), 'the', recall(thing), 'to', somebody, END), PUT_AWAY),
  )
}

// The walk: verbs and pronouns agree in number with the animals.

const walk = (was: string, it: string) =>
  sequence(
    oneOf(
      sequence(was, anyOf('sleeping hiding resting waiting sitting playing singing dancing')),
      anyOf('slept hid rested waited sat played sang danced'),
    ),
    SOMEWHERE,
    END,
    optional(SOON, it),
    anyOf('saw heard met found liked feared chased followed watched helped'),
    SOME_CREATURE,
    ending(SOMEWHERE, SOMEHOW),
    optional(SOON, it),
    anyOf('ran walked hurried rushed danced'),
    anyOf('around past to from'),
    THAT_LANDMARK,
    ending(SOMEHOW),
  )

const ONE = sequence(ANIMAL, walk('was', 'it'))
const MANY = sequence(ANIMALS, walk('were', 'they'))
const WALK = oneOf(sequence('the', creature(oneOf(ONE, MANY))), sequence(NUMBER, creature(MANY)))

// The landscape: verbs agree in number.

const SHADE = anyOf('grey white bright dark wet quiet')
const SIGHT = oneOf(
  sequence(anyOf('sky moon lake river road forest'), 'was', SHADE),
  sequence(anyOf('streets fields clouds trees'), 'were', SHADE),
)

const LANDSCAPE = sequence(
  'it was a',
  WEATHER,
  optional(SEASON, DAY_PART),
  ending(sequence('in', MONTH)),
  'the',
  SIGHT,
  ending(sequence('and the', SIGHT)),
)

// The market: the statement of the company agrees with the direction of its shares.

const report = (rose: string, higher: string) =>
  sequence(
    anyOf(rose),
    NUMBER,
    anyOf('percent points cents'),
    ending(sequence('on', DAY), sequence('in', MONTH)),
    'the',
    recall(business),
    'said its',
    oneOf(sequence(anyOf('profit income'), 'was'), sequence(anyOf('sales costs'), 'were')),
    higher,
    'than',
    oneOf(sequence('last', oneOf('year', MONTH, SEASON)), 'expected'),
    END,
  )

const MARKET = sequence(
  'shares of the',
  remember(business, anyOf('bank airline brewery railway bakery mine')),
  oneOf(report('rose jumped', 'higher'), report('fell dropped', 'lower')),
)

// The journey: it ends at the announced destination.

const JOURNEY = sequence(
  'a',
  object(anyOf('train ship bus plane')),
  'left',
  anyOf('london rome boston'),
  'for',
  remember(city, anyOf('paris berlin lisbon')),
  oneOf(sequence('with', NUMBER, 'passengers'), sequence('at', NUMBER), sequence('in', MONTH)),
  END,
  'it reached',
  recall(city),
  oneOf(sequence('after', NUMBER, anyOf('hours days')), sequence('on', DAY, DAY_PART)),
  END,
)

const TIME = oneOf(
  sequence('one', WEATHER, DAY_PART),
  sequence('on', DAY),
  sequence('in', MONTH),
  sequence('last', oneOf('week', DAY, SEASON)),
)

const HIS_STORY = sequence(remember(host, MAN), choose([3, VISIT], [1, errand('he', 'his')]))
const HER_STORY = sequence(WOMAN, errand('she', 'her'))

/** One story. The corpus is a sequence of stories. */
export const STORY = choose(
  [24, optional(TIME, choose([4, HIS_STORY], [1, HER_STORY], [4, WALK]))],
  [1, LANDSCAPE],
  [1, MARKET],
  [1, JOURNEY],
)
