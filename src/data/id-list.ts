/**
 * A growing list of token ids.
 *
 * Memory: 4 bytes per id plus at most 4 MB, even during `toArray`, which frees each block as soon as it is copied.
 */
/// <reference lib="es2024.arraybuffer" />

const FIRST_IDS = 2 ** 8
const BLOCK_IDS = 2 ** 20

export class IdList {
  readonly #fullBlocks: ArrayBuffer[] = []
  #last = new Int32Array(FIRST_IDS)
  #used = 0

  get length(): number {
    return this.#fullBlocks.length * BLOCK_IDS + this.#used
  }

  push(id: number): void {
    if (this.#used === this.#last.length) this.#makeRoom()
    this.#last[this.#used++] = id
  }

  /** Returns all ids and empties the list. */
  toArray(): Int32Array {
    const ids = new Int32Array(this.length)
    let length = 0
    for (const block of this.#fullBlocks.splice(0)) {
      ids.set(new Int32Array(block), length)
      length += BLOCK_IDS
      block.resize(0)
    }
    ids.set(this.#last.subarray(0, this.#used), length)
    this.#used = 0
    return ids
  }

  #makeRoom(): void {
    if (this.#used === BLOCK_IDS) {
      this.#fullBlocks.push(resizableCopy(this.#last))
      this.#used = 0
    } else {
      const larger = new Int32Array(2 * this.#used)
      larger.set(this.#last)
      this.#last = larger
    }
  }
}

function resizableCopy(ids: Int32Array): ArrayBuffer {
  const block = new ArrayBuffer(ids.byteLength, { maxByteLength: ids.byteLength })
  new Int32Array(block).set(ids)
  return block
}
