/**
 * The visit, which contains the question of "Deep Learning from Scratch 2", chapter 5: tom was watching tv in his room,
 * mary came into the room, mary said hi to [whom?].
 *
 * The answer comes 16 to 22 words after the last mention of the name: 6 to 8 words in the rest of the first sentence, 6
 * to 8 words in the second and 3 to 5 words before the answer in the third, including `<eos>`. Only the guest is named
 * in between. All hosts are men and all guests are women, so `his` and `she` fit every visit, and no choice after the
 * name depends on it. Without memory, the eight hosts are equally likely.
 */
import { anyOf, ask, choose, oneOf, optional, recall, remember, sequence } from './grammar.ts'
import {
  ANIMALS,
  creature,
  DAY_PART,
  DRINK,
  END,
  ending,
  FOOD,
  MOOD,
  NUMBER,
  PUT_AWAY,
  SOME_CREATURE,
  SOMEHOW,
  SOMEWHERE,
  SOON,
  THAT_LANDMARK,
  THING,
  THINGS,
  thing,
  WOMAN,
} from './words.ts'

const guest = Symbol('guest')
const place = Symbol('place')

/** The hero of a story, whom a guest may greet. */
export const host = Symbol('host')

const PLACE = remember(
  place,
  anyOf('room office cabin kitchen garden yard garage workshop tent shop library cellar'),
)

const IN_THE = sequence('in', anyOf('his the a'))
const PASTIME = oneOf(
  anyOf('resting sleeping singing dancing'),
  sequence('eating', FOOD),
  sequence('drinking', DRINK),
  sequence('watching', oneOf('tv', ANIMALS)),
  sequence('reading', anyOf('poems books letters')),
  sequence('writing', anyOf('poems songs letters')),
  sequence('playing', anyOf('chess cards music')),
)
const CRAFT = sequence(anyOf('painting fixing holding selling'), 'a', THING)
const OCCUPATION = choose(
  [3, sequence(PASTIME, IN_THE, optional(anyOf('cold warm dark bright quiet clean small big tiny'), PLACE))],
  [2, sequence(CRAFT, IN_THE, PLACE)],
)

/** The question. */
const GREETING = sequence(
  recall(guest),
  oneOf(
    sequence('said', oneOf('hi', 'hello', sequence('good', DAY_PART)), 'to'),
    sequence(anyOf('smiled winked'), 'at'),
    sequence(anyOf('waved nodded bowed'), 'to'),
  ),
  ask(host),
  END,
)

const HE_ANSWERS = sequence(
  'he',
  oneOf(
    sequence('was', MOOD, END),
    sequence('offered her', oneOf(FOOD, DRINK), END),
    sequence(anyOf('smiled waved nodded bowed'), ending(SOMEHOW)),
  ),
)
const THEY_GO_ON = sequence(
  'they',
  oneOf(
    sequence('talked about', creature(ANIMALS), ending(SOMEHOW)),
    sequence('drank', DRINK, ending(SOMEHOW)),
    sequence('ate', FOOD, ending(SOMEHOW, SOMEWHERE)),
    sequence('walked to', THAT_LANDMARK, ending(SOMEHOW)),
    sequence(anyOf('saw heard met found'), SOME_CREATURE, ending(SOMEWHERE)),
  ),
)

const ENTERS = sequence(remember(guest, WOMAN), anyOf('came walked ran hurried stepped rushed'))
const INTO_THE_PLACE = sequence(
  'into the',
  recall(place),
  END,
  GREETING,
  optional(SOON, choose([1, HE_ANSWERS], [2, THEY_GO_ON])),
)
const WITH_A_GIFT = sequence(
  'in with',
  oneOf(sequence('a', remember(thing, THING)), sequence(NUMBER, remember(thing, THINGS))),
  END,
  GREETING,
  optional(SOON, anyOf('he she')),
  PUT_AWAY,
)

/** The text after the name of the host. */
export const VISIT = sequence(
  'was',
  OCCUPATION,
  END,
  oneOf(
    sequence(
      oneOf(
        sequence('his', anyOf('sister aunt cousin friend teacher')),
        sequence('after', anyOf('breakfast lunch dinner school work')),
        sequence('at', NUMBER),
      ),
      ENTERS,
      INTO_THE_PLACE,
    ),
    optional(SOON, sequence(ENTERS, oneOf(INTO_THE_PLACE, WITH_A_GIFT))),
  ),
)
