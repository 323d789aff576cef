/** @file How the modules of a model are made: with first values, or of tensors that there are already. */
import { fail } from '../core/errors.ts'
import { type Shape, sameShape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { listed } from '../io/given.ts'
import { Embedding } from '../nn/embedding.ts'
import { normal_ } from '../nn/init.ts'
import { type LayerOptions, nowhere } from '../nn/layer.ts'
import { Linear } from '../nn/linear.ts'
import { type Module, parameter } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { zeros } from '../ops/index.ts'

/** Where and of what a model is made. */
export interface ModelOptions extends LayerOptions {
  /**
   * All parameters by their names in the state dict, in place of first values. These very tensors become the model's
   * parameters: what disposes one disposes the other.
   */
  weights?: Readonly<Record<string, Tensor>>
}

/** Where parameters are made, and those that there are already, by what follows a module's own name. */
export interface Making {
  readonly where: LayerOptions
  readonly known: (name: string) => Tensor | undefined
}

export const inside = ({ where, known }: Making, name: string): Making => ({
  where,
  known: (rest) => known(`${name}.${rest}`),
})

/** Names of parameters and their shapes, in the order of the state dict. */
export type Shapes = Iterable<[name: string, shape: Shape]>

/** How a model is made. @throws HandgradError if weights are given that are not those of the shapes */
export function makingOf(op: string, options: ModelOptions | undefined, shapes: Shapes): Making {
  const { weights, ...where } = optionsOf(op, options, { ...nowhere, weights: undefined })
  if (weights) {
    const faults = misfits(new Map(Object.entries(weights)), new Map(shapes))
    if (faults.length > 0) fail(op, faults.join('; '), 'give all parameters, by the names of the state dict')
  }
  return { where, known: (name) => weights?.[name] }
}

/** What has a shape. */
interface Shaped {
  readonly shape: Shape
}

/**
 * What does not fit of tensors by name.
 * @param called  the name that errors say
 */
export function misfits(
  have: ReadonlyMap<string, Shaped>,
  want: ReadonlyMap<string, Shape>,
  called = (name: string): string => name,
): string[] {
  const missing = [...want.keys()].filter((name) => !have.has(name))
  const unknown = [...have.keys()].filter((name) => !want.has(name)).map(called)
  const odd = [...have].flatMap(([name, { shape }]) => {
    const wanted = want.get(name)
    return wanted && !sameShape(shape, wanted) ? `${called(name)} is ${showShape(shape)}, not ${showShape(wanted)}` : []
  })
  return [
    ...(missing.length > 0 ? [`${listed(missing)} missing`] : []),
    ...(unknown.length > 0 ? [`${listed(unknown)} unknown`] : []),
    ...(odd.length > 0 ? [listed(odd)] : []),
  ]
}

/** A normalisation, with weights that there are already in place of its ones and zeros. */
export function placed<M extends Module & { weight: Tensor | null; bias?: Tensor | null }>(
  layer: M,
  { known }: Making,
): M {
  for (const name of ['weight', 'bias'] as const) {
    const x = known(name)
    if (!x) continue
    layer[name]?.dispose()
    layer[name] = parameter(x)
  }
  return layer
}

/** A table of N(0, std²). */
export function tableOf(rows: number, columns: number, std: number, { where, known }: Making): Embedding {
  const given = known('weight')
  const weight = given ?? normal_(zeros([rows, columns], where), 0, std)
  const table = new Embedding(rows, columns, { weight })
  // The table has a handle of its own; of what was given, one is enough.
  const [spare, kept] = given ? [table.weight, weight] : [weight, table.weight]
  spare.dispose()
  table.weight = parameter(kept)
  return table
}

/** A Linear of N(0, std²), its bias, if it has one, of zeros. */
export function linearOf(from: number, to: number, std: number, { where, known }: Making, bias = false): Linear {
  const weight = known('weight') ?? normal_(zeros([to, from], where), 0, std)
  const layer = new Linear(from, to, { ...where, bias: false, weight })
  if (bias) layer.bias = parameter(known('bias') ?? zeros([to], where))
  return layer
}
