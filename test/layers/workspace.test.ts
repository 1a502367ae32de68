import { describe, expect, it } from 'vitest'
import { Workspace } from '../../src/layers/workspace.ts'

describe('Workspace', () => {
  it('makes buffers once for a shape, and keeps those of the two shapes used last', () => {
    const made: string[] = []
    const workspace = new Workspace((N, T) => {
      made.push(`${N}×${T}`)
      return { N, T }
    })
    const training = workspace.for(20, 35)
    expect(workspace.for(20, 35)).toBe(training)
    const evaluation = workspace.for(10, 35)
    expect(evaluation).toEqual({ N: 10, T: 35 })
    expect(workspace.for(20, 35)).toBe(training)
    expect(workspace.for(10, 35)).toBe(evaluation)
    expect(made).toEqual(['20×35', '10×35'])

    workspace.for(35, 10)
    workspace.for(20, 35)
    expect(workspace.for(10, 35)).not.toBe(evaluation)
    expect(made).toEqual(['20×35', '10×35', '35×10', '10×35'])
  })

  it('keeps the largest for a long time, while many smaller ones are used', () => {
    const workspace = new Workspace((N, T) => ({ N, T }))
    const training = workspace.for(20, 35)
    for (let i = 0; i < 500; i++) workspace.for(1, 1 + (i % 9))
    expect(workspace.for(20, 35)).toBe(training)
    for (let i = 0; i < 2000; i++) workspace.for(1, 1 + (i % 9))
    expect(workspace.for(20, 35)).not.toBe(training)
  })
})
