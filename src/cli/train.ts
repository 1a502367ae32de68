/** `rnnlm train`: trains a model, shows its progress and plots its perplexity. */
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
      'Trains a language model and plots its perplexity. Without options, trains SimpleRnnlm on built-in stories.',
    )
    .addOption(new Option('--preset <name>', 'named settings to start from').choices(Object.keys(PRESETS)))
    .option(
      '--config <file>',
      'read settings from a JSON file; keys are option names in camelCase (batchSize)',
    )
    .option('--out <folder>', 'save checkpoints, settings, the log and the plot in this folder')
    .option(
      '--resume <folder>',
      'continue the job in this folder; --lr and --max-epoch may change, and --data, --valid and --test if the same texts have moved',
    )
    .option('--take-over', 'with --resume: take the lock of a process that has ended')
  return addSettingOptions(command)
    .option('--log <file>', 'write a log in JSON lines, for "rnnlm plot"')
    .option(
      '--plot <file>',
      'plot the perplexity to an .svg or .png file (default: perplexity.svg)',
      pictureFile,
    )
    .option('--no-plot', 'do not write a plot')
    .option('--log-axis', 'use a logarithmic perplexity axis')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
A text file (--data novel.txt) uses the preset "text" by default: an LSTM whose size, dropout probability and number of
epochs depend on the length of the text. Rare words become <unk>. The end of the text is held out, and training stops early
when the held-out perplexity no longer falls. The best epoch is kept. A novel takes a few minutes on two cores.

Options override --config, which overrides --preset, which overrides the defaults of the cell. In this table, "D = H" is
the size of word vectors and hidden state, preceded by the number of stacked layers if there are several; * means that
the value depends on the text:

${describeDefaults()}

With --init-from, settings default to those of the job that trained the model. Known words keep their ids and weights;
the weights of a new word start as the mean of the known ones.

If a job with --out is stopped or killed, "rnnlm train --resume <folder>" continues it and ends with the same weights as
an uninterrupted job.

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
  if (takeOver) command.error('error: --take-over requires --resume')
  if (out !== undefined && log !== undefined)
    command.error(`error: --log cannot be used with --out, which writes the log to ${join(out, 'log.jsonl')}`)
  const fromFile = config === undefined ? {} : readSettings(config)
  const wanted = { ...fromFile, ...given }
  const { initFrom } = wanted
  if (initFrom !== undefined && preset !== undefined)
    command.error(
      'error: --preset cannot be used with --init-from, which takes the settings of the named job',
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
    command.error(`error: --resume cannot be used with ${others.join(', ')}; it accepts ${changeable}`)
  }
  return TrainingJob.resume(flags.resume!, given, { takeOver: flags.takeOver ?? false, signal })
}
