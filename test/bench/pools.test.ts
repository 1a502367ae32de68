/** Which PyTorch is refused as a peer, because its process has several thread pools. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { describeUnless } from '../support/skipping.ts'

const peers = fileURLToPath(new URL('../../bench/peers', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

function competingPools(openblasParallel: string, openmpRuntimes: string): string {
  const script = `import sys; sys.path.insert(0, sys.argv[1]); from pools import competing_pools; print(competing_pools(${openblasParallel}, ${openmpRuntimes}))`
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', script, peers], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
}

describeUnless(!hasPython && 'needs python3', 'thread pools of a PyTorch', () => {
  it.each([
    ['an OpenBLAS that uses OpenMP', '2', "{'/usr/lib/libgomp.so.1.0.0'}"],
    ['an OpenBLAS without threads', '0', "{'/usr/lib/libgomp.so.1.0.0'}"],
    ['another BLAS', 'None', "{'/usr/lib/libgomp.so.1.0.0'}"],
    ['no OpenMP', '1', 'set()'],
  ])('are one: %s', (_, openblasParallel, openmpRuntimes) => {
    expect(competingPools(openblasParallel, openmpRuntimes)).toBe('None\n')
  })

  it('are two over an OpenBLAS that has threads of its own', () => {
    const sentence = competingPools('1', "{'/usr/lib/libgomp.so.1.0.0'}")
    expect(sentence).toContain('two competing thread pools')
    expect(sentence).toContain('libopenblas0-openmp')
  })

  it('are two with two OpenMP runtimes', () => {
    expect(competingPools('None', "{'/a/libgomp.so.1.0.0', '/b/libiomp5.so'}")).toContain(
      'libgomp.so.1.0.0 and libiomp5.so',
    )
  })
})
