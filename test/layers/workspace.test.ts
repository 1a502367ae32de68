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
    expect(workspace.for(10, 35)).toBe(evaluation)
    expect(workspace.for(20, 35)).not.toBe(training)
    expect(made).toEqual(['20×35', '10×35', '35×10', '20×35'])
  })
})
