/**
 * @file Every kernel of handgrad goes through the front end: each file of shaders/ with its libs, as the engine puts
 * them together, those of shaders/bench, and the fused one; with the entry points, overrides and bindings of
 * its contract.
 */
import { describe, expect, test } from 'vitest'
import { benchShaders } from '../../src/bench/wgsl.generated.ts'
import type { ShaderModule } from '../../src/core/contract.ts'
import * as contracts from '../../src/core/contracts.generated.ts'
import { assemble } from '../../src/webgpu/assemble.ts'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { compile } from '../../src/wgsl/index.ts'
import type { FunctionDeclaration, Module, Variable } from '../../src/wgsl/tree.ts'
import { fusedModule } from '../support/fused.ts'
import { untyped } from './corpus/typed.ts'

const entriesOf = ({ declarations }: Module): FunctionDeclaration[] =>
  declarations.filter((one) => one.kind === 'function').filter(({ workgroupSize }) => workgroupSize)
const variablesOf = ({ declarations }: Module, form: Variable['form']): Variable[] =>
  declarations.filter((one) => one.kind === 'variable').filter((one) => one.form === form)
const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name).sort()

/** The module as the engine compiles it: one text, its directives first. */
const composed = (module: ShaderModule): Module =>
  compile([{ file: module.source.file, text: assemble(module, false).code }])

describe('kernels', () => {
  const kernels = Object.entries(wgsl) as [keyof typeof wgsl, readonly ShaderModule[]][]
  for (const [kernel, modules] of kernels) {
    for (const module of modules) {
      test(module.source.file, () => {
        const tree = composed(module)
        expect(untyped(tree)).toEqual([])
        expect(names(entriesOf(tree))).toEqual([...module.entries].sort())
        expect(names(variablesOf(tree, 'override'))).toEqual([...new Set(module.overrides)].sort())
        for (const { name, role, binding } of contracts[kernel].bindings) {
          const found = variablesOf(tree, 'var').find((one) => one.binding === binding && one.name === name)
          expect(found, name).toMatchObject({
            space: 'storage',
            access: role === 'in' ? 'read' : 'read_write',
            group: 0,
          })
        }
      })
    }
  }
  test('all of them are there', () => {
    expect(kernels.length).toBeGreaterThan(45)
  })
})

test('libs as files of their own: the same tree, and places in them', () => {
  const { libs, source } = wgsl.pointwise[0]
  const tree = compile([...libs, source])
  expect(names(entriesOf(tree))).toEqual(names(entriesOf(composed(wgsl.pointwise[0]))))
  const apply = tree.declarations.find((one) => one.kind === 'function' && one.name === 'apply_arithmetic')
  expect(tree.source.place(apply!.at).file).toBe('shaders/lib/apply_arithmetic.wgsl')
})

test('a fault in a lib is told of with its file and line', () => {
  const { libs, source } = wgsl.pointwise[0]
  const broken = libs.map(({ file, text }) => ({ file, text: text.replace('bitcast<f32>(x)', 'bitcast<i32>(x)') }))
  const line = libs
    .find(({ file }) => file.endsWith('/apply.wgsl'))!
    .text.split('bitcast<f32>(x)')[0]
    .split('\n').length
  expect(() => compile([...broken, source])).toThrow(
    new RegExp(`^shaders/lib/apply\\.wgsl:${line}: .*i32.*f32|f32.*i32`),
  )
})

describe('benchmark kernels', () => {
  for (const [file, text] of Object.entries(benchShaders)) {
    test(file, () => {
      const tree = compile([{ file, text }])
      expect(untyped(tree)).toEqual([])
      expect(names(entriesOf(tree))).toEqual(
        [...text.matchAll(/@compute[\s\S]*?\bfn\s+(\w+)/g)].map((m) => m[1]).sort(),
      )
    })
  }
})

test('the fused kernel', () => {
  expect(names(entriesOf(composed(fusedModule)))).toEqual(['fused'])
})
