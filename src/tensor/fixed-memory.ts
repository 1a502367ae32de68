/**
 * Memory for what training steps work on: it can be neither transferred nor resized, so that a step may run on a thread of
 * its own. Arrays of 256 KB and more have a buffer each; smaller ones share buffers of 1 MB, since every such buffer takes
 * 10 GB of the process's addresses (not of its memory).
 */
import { native } from '../native.ts'

const ALIGNMENT = 64
const SHARED = 2 ** 20
const LEAST_OWN = 2 ** 18

/** The shared buffer that has room left, and where that begins. */
let shared: ArrayBuffer | null = null
let end = 0
/** Whether there is such memory: not in `node --jitless`, nor under a limit of addresses (`ulimit -v`). */
let isAvailable = true

/** Room for `bytes` zeros, 64-byte aligned; null if no such memory is to be had. */
export function fixedRoom(bytes: number): { buffer: ArrayBuffer; start: number } | null {
  if (bytes >= LEAST_OWN) {
    const buffer = makeBuffer(bytes)
    return buffer && { buffer, start: 0 }
  }
  if (!shared || end + bytes > SHARED) {
    shared = makeBuffer(SHARED)
    end = 0
  }
  if (!shared) return null
  const start = end
  end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
  return { buffer: shared, start }
}

function makeBuffer(bytes: number): ArrayBuffer | null {
  const buffer = isAvailable ? native.fixedBuffer(bytes) : null
  // Looking for addresses in vain takes long.
  if (!buffer) isAvailable = false
  return buffer
}
