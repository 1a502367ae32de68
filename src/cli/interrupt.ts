/** SIGINT and SIGTERM stop a command after the current iteration; a second signal stops it immediately. */

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

export class Interrupted extends Error {
  readonly signal: keyof typeof SIGNALS

  /** @param advice next step for the user */
  constructor(signal: keyof typeof SIGNALS, advice?: string) {
    super(advice === undefined ? `stopped by ${signal}` : `stopped by ${signal}; ${advice}`)
    this.signal = signal
  }

  get exitCode(): number {
    return SIGNALS[this.signal]
  }
}

/** Calls `run` with a signal that aborts with an `Interrupted` when the process receives SIGINT or SIGTERM. */
export async function interruptible<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]
  const stopListening = () => {
    for (const name of names) process.off(name, stop)
  }
  const stop = (name: keyof typeof SIGNALS) => {
    stopListening()
    controller.abort(new Interrupted(name))
  }
  for (const name of names) process.on(name, stop)
  try {
    return await run(controller.signal)
  } finally {
    stopListening()
  }
}
