/**
 * The scores of a block in chunks of rows. With V = 10,000 and N·T = 700 the scores alone would be 28 MB; a chunk is a few
 * MB and stays in the cache while it is made and used. A chunk has 4 to 16 MB of scores: within that, a third of the size
 * of dW, which each chunk reads and writes.
 */
const LEAST_SCORES = 2 ** 20
const MOST_SCORES = 2 ** 22
const SCORES_TO_WEIGHTS = 1 / 3

/** The rows of each chunk of a block, for scores of `rows` rows of hidden states [rows, H] over V tokens. */
export function chunkRanges(rows: number, H: number, V: number): [start: number, end: number][] {
  const chunkScores = Math.min(MOST_SCORES, Math.max(LEAST_SCORES, SCORES_TO_WEIGHTS * H * V))
  const count = Math.max(1, Math.min(rows, Math.round((rows * V) / chunkScores)))
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * rows) / count),
    Math.floor(((i + 1) * rows) / count),
  ])
}
