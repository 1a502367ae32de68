/**
 * Philox4x32-10 on big integers, straight from the paper (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011, section 3.3), and the uniform and normal numbers of `Random` from its words in plain double precision.
 */
const WORD = 0xffffffffn

export type FourWords = [bigint, bigint, bigint, bigint]

export function philox(counter: FourWords, key: [bigint, bigint]): FourWords {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0
    const product1 = 0xcd9e8d57n * c2
    ;[c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & WORD,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & WORD,
    ]
    k0 = (k0 + 0x9e3779b9n) & WORD
    k1 = (k1 + 0xbb67ae85n) & WORD
  }
  return [c0, c1, c2, c3]
}

/** The words of blocks `first`, `first` + 1, … of a seed's stream; the upper half of the counter is 0. */
export function streamWords(seed: bigint, first: bigint, count: number): number[] {
  const words: number[] = []
  for (let block = first; words.length < count; block++) {
    const counter: FourWords = [block & WORD, (block >> 32n) & WORD, 0n, 0n]
    words.push(...philox(counter, [seed & WORD, seed >> 32n]).map(Number))
  }
  return words.slice(0, count)
}

/** Box and Muller: each pair of words gives two normal numbers. */
export function normalsFrom(words: readonly number[]): number[] {
  return words.map((_, i) => {
    const [first, second] = [words[i - (i % 2)]!, words[i - (i % 2) + 1]!]
    const radius = Math.sqrt(-2 * Math.log((first + 0.5) / 2 ** 32))
    const angle = (2 * Math.PI * second) / 2 ** 32
    return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle))
  })
}
