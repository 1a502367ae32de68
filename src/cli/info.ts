/** `rnnlm info`: describes the machine and the package. */
import { cpus, release, type } from 'node:os'
import { Command } from 'commander'
import { availablePrecisions, kernels } from '../tensor/index.ts'
import { print } from './output.ts'
import { packageVersion } from './version.ts'

export function infoCommand(): Command {
  return new Command('info')
    .description('Shows the instruction set, the number of threads and the versions in use.')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nRNNLM_ISA selects another instruction set.\n\nExamples:\n  rnnlm info\n  RNNLM_ISA=avx2 rnnlm info',
    )
    .action(async ({ json }: { json?: boolean }) => {
      const info = {
        rnnlm: packageVersion(),
        node: process.versions.node,
        system: `${type()} ${release()} ${process.arch}`,
        processor: cpus()[0]?.model.trim() ?? 'unknown',
        cores: cpus().length,
        ...kernels(),
        precisions: availablePrecisions(),
      }
      await print(json ? `${JSON.stringify(info, null, 2)}\n` : describe(info))
    })
}

function describe(info: Record<string, string | number | string[]>): string {
  const labels: Record<string, string> = {
    isa: 'instruction set',
    available: 'available here',
    precisions: 'precisions here',
  }
  return Object.entries(info)
    .map(([name, value]) => {
      const label = labels[name] ?? name
      return `${label.padEnd(16)} ${Array.isArray(value) ? value.join(', ') : value}\n`
    })
    .join('')
}
