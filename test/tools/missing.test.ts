/** @file The list of what PyTorch has and handgrad has not: complete, and made of PyTorch's own names. */
import { describe, expect, it } from 'vitest'
import { elsewhere, missing, missingSection, ourName, pytorchNames, reasons } from '../../tools/optable/missing.ts'
import { opsPage } from '../../tools/optable/tables.ts'

const nothing = () => false
const all = missing(nothing)

describe('what is not here', () => {
  it('has every function of PyTorch that is not here, once', () => {
    expect(pytorchNames.length).toBeGreaterThan(550)
    for (const name of [
      'matmul',
      'linalg.inv',
      'erfinv',
      'special.xlog1py',
      'fft.rfft',
      'log_softmax',
      'ctc_loss',
      'masked_fill',
    ])
      expect(pytorchNames).toContain(name)
    const names = [...all.values()].flat()
    expect(names.length).toBe(new Set(names).size)
    expect(names.length).toBe(pytorchNames.length)
  })

  it('leaves out what there is, under its name or another', () => {
    const here = new Set(['logSoftmax', 'cat', 'erf'])
    const names = [...missing((name) => here.has(name)).values()].flat()
    for (const name of ['log_softmax', 'cat', 'concat', 'concatenate', 'erf', 'special.erf'])
      expect(names, name).not.toContain(name)
    expect(names).toContain('exp')
    expect(ourName('special.xlog1py')).toBe('xlog1py')
  })

  it('types no name that PyTorch does not have, and no reason for nothing', () => {
    const ours = new Set(pytorchNames.map(ourName))
    for (const [name, target] of Object.entries(elsewhere)) {
      expect(pytorchNames, name).toContain(name)
      expect(target === 'numel' || target === 'data' || target === 'dim' || ours.has(target), target).toBe(true)
    }
    for (const [why, names] of reasons)
      expect(
        pytorchNames.some((name) => names.test(name)),
        why,
      ).toBe(true)
  })

  it('gives no reason against a function that there is', () => {
    const page = opsPage()
    const fits = page.match(/- They would fit: (.*)/)?.[1] ?? ''
    for (const [why, names] of reasons)
      expect(
        fits
          .split(' ')
          .map((name) => name.replaceAll('`', ''))
          .filter((name) => names.test(name)),
        why,
      ).toEqual([])
    for (const name of ['hstack', 'scatter_reduce', 'ctc_loss', 'pixel_shuffle', 'unique_consecutive', 'embedding_bag'])
      expect(page).not.toContain(`\`${name}\``)
  })

  it('is a table by reason', () => {
    const lines = missingSection((name) => name === 'tensor')
    expect(lines.join('\n')).toContain('| FFT and its windows |')
    expect(lines.join('\n')).toContain('`as_tensor` is `tensor`')
  })
})
