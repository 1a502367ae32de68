/**
 * A contestant: a child process that speaks lines of JSON.
 *
 *     harness     {"threads":1,"caseMilliseconds":300,"cases":[…],…}     the task
 *     contestant  {"ready":true,"threads":1,"check":21.8,"details":{…}}  after its warm-up
 *     harness     run 0                                                  the number of a case, from 0
 *     contestant  {"millisecondsPerIteration":0.97}                      the figures of that round
 *
 * It ends with exit code 0 when its standard input ends. A contestant that ends earlier, is silent for too long or
 * answers something else is an error that carries the tail of its standard error.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { rangeError, typeError } from '../../src/errors.ts'
import { reason } from '../../src/files/file-error.ts'
import { type Details, type Figures, type Introduction, type Task, TIME } from './protocol.ts'

const ANSWER_SECONDS = 120
const TAIL_CHARACTERS = 600

export class ContestantProcess {
  readonly #name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  readonly #ended: Promise<string>
  #errors = ''

  constructor(
    name: string,
    command: readonly string[],
    threads: number,
    extraEnvironment: Record<string, string> = {},
  ) {
    this.#name = name
    const env = { ...environment(threads), ...extraEnvironment }
    this.#child = spawn(command[0]!, command.slice(1), { env })
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-TAIL_CHARACTERS)
    })
    // A write to a child that has ended fails here; how it ended is told by `#ended`.
    this.#child.stdin.on('error', () => {})
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (cause) => resolve(`could not be started: ${reason(cause)}`))
      this.#child.on('close', (code, signal) => resolve(signal ? `died of ${signal}` : `exit code ${code}`))
    })
  }

  /** Hands over the task; resolves when the contestant is warm. */
  async prepare(task: Task): Promise<Introduction> {
    const { ready, threads, check, details } = await this.#ask(JSON.stringify(task))
    if (ready !== true) throw this.#wrong('ready', 'true', ready)
    if (typeof threads !== 'number') throw this.#wrong('threads', 'a number', threads)
    if (typeof check !== 'number') throw this.#wrong('check', 'a number', check)
    if (typeof details !== 'object' || details === null) throw this.#wrong('details', 'an object', details)
    return { threads, check, details: details as Details }
  }

  /** Runs one round of the case with this number; resolves with the figures of these names. */
  async run(caseNumber: number, figureNames: readonly string[]): Promise<Figures> {
    const answer = await this.#ask(`run ${caseNumber}`)
    return Object.fromEntries(figureNames.map((name) => [name, this.#figure(name, answer[name])]))
  }

  /** Ends the contestant; an error if it does not end well. */
  async stop(): Promise<void> {
    this.#child.stdin.end()
    const ending = await this.#inTime(this.#ended)
    if (ending !== 'exit code 0') throw this.#failure(ending)
  }

  /** Ends the contestant at once, however it is. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #figure(name: string, value: unknown): number {
    if (typeof value !== 'number') throw this.#wrong(name, 'a number', value)
    if (name === TIME && !(value > 0)) throw this.#wrong(name, 'a positive number', value)
    return value
  }

  async #ask(line: string): Promise<Record<string, unknown>> {
    this.#child.stdin.write(`${line}\n`)
    const answer = await this.#inTime(this.#answers.next())
    if (answer.done) throw this.#failure(`ended without an answer: ${await this.#inTime(this.#ended)}`)
    try {
      return Object(JSON.parse(answer.value))
    } catch {
      throw this.#wrong('answer', 'a line of JSON', answer.value)
    }
  }

  async #inTime<T>(awaited: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_, reject) => {
      const failure = () => reject(this.#failure(`no answer in ${ANSWER_SECONDS} seconds`))
      timer = setTimeout(failure, ANSWER_SECONDS * 1000)
    })
    return Promise.race([awaited, timeout]).finally(() => clearTimeout(timer))
  }

  #wrong(argument: string, expected: string, actual: unknown): Error {
    const make = typeof actual === 'number' ? rangeError : typeError
    return this.#failure(make(this.#name, argument, expected, actual).message)
  }

  #failure(message: string): Error {
    const tail = this.#errors.trim()
    return new Error(tail ? `${message}\n${tail}` : message)
  }
}

/**
 * The environment of every contestant: the same number of threads for all the libraries that may take part, and no choice
 * of OpenBLAS's kernels from outside, which may be slower than its own.
 */
function environment(threads: number): NodeJS.ProcessEnv {
  const count = String(threads)
  return {
    ...process.env,
    RNNLM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    OPENBLAS_CORETYPE: undefined,
    PYTHONDONTWRITEBYTECODE: '1',
  }
}
