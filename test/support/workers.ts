import type { Worker } from 'node:worker_threads'

/** Resolves with the worker's next message; rejects if the worker ends first. */
export function messageOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new Error(`the worker ended (exit code ${code}) before it sent a message`)),
    )
  })
}
