/** `rnnlm train`: trains a model, shows how it goes, and draws its perplexity. */
import { join } from 'node:path'
import { Command, Option } from 'commander'
import {
  defaultPreset,
  type GivenSettings,
  initialSettings,
  type JobEvents,
  PRESETS,
  RESUME_SETTINGS,
  readSettings,
  resolveSettings,
  TrainingJob,
} from '../jobs/index.ts'
import { createProgress } from '../report/progress.ts'
import { Interrupted, interruptible } from './interrupt.ts'
import { complain, print, progressStream, tell } from './output.ts'
import { addSettingOptions, describeDefaults, flagOf, givenSettings } from './train-options.ts'
import { describeJob, drawCourse, printEpoch, printResult } from './train-report.ts'
import { pictureFile } from './values.ts'

interface TrainFlags {
  preset?: string
  config?: string
  out?: string
  resume?: string
  takeOver?: boolean
  log?: string
  plot?: string | false
  logAxis?: boolean
  json?: boolean
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description(
      'Trains a language model and shows its perplexity. Without options: SimpleRnnlm on built-in stories.',
    )
    .addOption(new Option('--preset <name>', 'settings to start from').choices(Object.keys(PRESETS)))
    .option('--config <file>', 'settings from a JSON file, named as the options (batchSize, …)')
    .option('--out <folder>', 'keep checkpoints, log, picture and settings there')
    .option(
      '--resume <folder>',
      'continue the job of this folder; takes a new --lr, --max-epoch, and new paths (--data, --valid, --test) of the same texts',
    )
    .option('--take-over', 'with --resume: ignore the lock of a process that has ended')
  return addSettingOptions(command)
    .option('--log <file>', 'write the course of training as JSON lines, for "rnnlm plot"')
    .option('--plot <file>', 'picture of the perplexity, .svg or .png (default: perplexity.svg)', pictureFile)
    .option('--no-plot', 'draw no picture')
    .option('--log-axis', 'logarithmic perplexity axis')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
A text file (--data novel.txt) has the preset "text" as its default: an LSTM whose size, dropout and number of epochs depend
on the length of the text (*). Rare words become <unk>, the end of the text is held out, training stops when the held-out
perplexity no longer falls, and the best epoch is kept. It takes some minutes on two cores.

Options override --config, --config overrides --preset, and --preset overrides the defaults, which depend on the cell.
"D = H" also tells the layers if there are several:

${describeDefaults()}

With --init-from, the settings that are not given are those of the job that trained the model. Old words keep their
ids and weights; a new word starts as the mean of the old ones.

A job with --out survives: if it is stopped or killed, "rnnlm train --resume <folder>" ends with the same weights.

Examples:
  rnnlm train
  rnnlm train --data novel.txt --out novel
  rnnlm train --resume novel
  rnnlm train --init-from novel --data other.txt --out other
  rnnlm train --preset better-rnnlm --out better
  rnnlm train --data ptb --limit 1000`,
    )
    .action((flags: TrainFlags) => interruptible((signal) => train(command, flags, signal)))
}

async function train(command: Command, flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const given = givenSettings({ ...flags })
  const job =
    flags.resume === undefined
      ? await begin(command, flags, given, signal)
      : await resume(command, flags, given, signal)
  tell(describeJob(job))
  const progress = createProgress(progressStream, {
    firstIteration: job.iterationsBefore,
    unit: job.texts.vocabulary.unit,
  })
  const events: JobEvents = {
    signal,
    onProgress: (state) => progress.update(state),
    onEpoch: (state, validation) => {
      progress.finishEpoch({ ...state, validPerplexity: validation?.perplexity })
    },
    onWarning: (message) => {
      progress.clear()
      complain(`warning: ${message}`)
    },
  }
  try {
    const result = await job.run(events)
    progress.stop()
    await print(printResult(job, result, flags.json))
  } catch (error) {
    progress.stop()
    if (job.lastEpoch && !flags.json) await print(printEpoch(job))
    if (!(error instanceof Interrupted) || job.folder === undefined) throw error
    throw new Interrupted(error.signal, `saved; continue with "rnnlm train --resume ${job.folder}"`)
  } finally {
    progress.stop()
    await drawCourse(job, flags)
  }
}

function begin(
  command: Command,
  { preset, config, out, log, takeOver }: TrainFlags,
  given: GivenSettings,
  signal: AbortSignal,
): Promise<TrainingJob> {
  if (takeOver) command.error('error: --take-over goes with --resume')
  if (out !== undefined && log !== undefined)
    command.error(`error: leave out --log: the log of a job with --out is ${join(out, 'log.jsonl')}`)
  const fromFile = config === undefined ? {} : readSettings(config)
  const wanted = { ...fromFile, ...given }
  const { initFrom } = wanted
  if (initFrom !== undefined && preset !== undefined)
    command.error(
      'error: leave out --preset: the settings of a job with --init-from are those of the job it names',
    )
  const settings =
    initFrom === undefined
      ? resolveSettings(wanted, preset ?? defaultPreset(wanted))
      : initialSettings({ ...wanted, initFrom })
  return TrainingJob.create(settings, { folder: out, log, signal })
}

function isChangeable(name: string): boolean {
  return (RESUME_SETTINGS as readonly string[]).includes(name)
}

function resume(
  command: Command,
  flags: TrainFlags,
  given: GivenSettings,
  signal: AbortSignal,
): Promise<TrainingJob> {
  const others = [
    ...(['preset', 'config', 'out', 'log'] as const)
      .filter((name) => flags[name] !== undefined)
      .map((name) => `--${name}`),
    ...(Object.keys(given) as (keyof GivenSettings)[]).filter((name) => !isChangeable(name)).map(flagOf),
  ]
  if (others.length > 0) {
    const changeable = RESUME_SETTINGS.map(flagOf).join(', ')
    command.error(`error: --resume takes no settings but ${changeable}: leave out ${others.join(', ')}`)
  }
  return TrainingJob.resume(flags.resume!, given, { takeOver: flags.takeOver ?? false, signal })
}
