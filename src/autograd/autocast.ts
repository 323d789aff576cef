/**
 * @file Mixed precision: inside of a callback, products store 16 bits, and what adds up many numbers gives float32.
 * What an op does stands in its spec; here is what that means. Roundings are ops, so gradients come back through them,
 * in float32 to weights that are float32.
 * @see Micikevicius et al. 2018, "Mixed Precision Training"
 */
import type { DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { calling } from '../core/frame.ts'
import { gradEnabled, Leaf, Node, noGrad } from '../core/graph.ts'
import { type Casting, casting, metaOf, type Op } from '../core/op.ts'
import { keep, synchronous } from '../core/scope.ts'
import type { Storage } from '../core/storage.ts'
import { type Edge, Tensor } from '../core/tensor.ts'
import { resize, widen } from '../ops/base/halves.ts'

/** What `autocast` stores; float32 turns it off. */
export type AutocastDType = 'bfloat16' | 'float16' | 'float32'

const dtypes: readonly AutocastDType[] = ['bfloat16', 'float16', 'float32']

/** A copy of a weight, of the version that it had. */
interface Copy {
  readonly version: number
  readonly copy: Tensor
}

/** What is done to the calls of ops in one region. */
function region(dtype: DType): { readonly now: Casting; readonly end: () => void } {
  const copies = new Map<Storage, Map<string, Copy>>()

  /** x in 16 bits. */
  function rounded(x: Tensor | undefined): Tensor | undefined {
    if (x?.dtype !== 'float32') return x
    if (!isWeight(x.edge)) return resize([x], { dtype })
    const { storage, layout } = copyOf(x)
    const y = new Tensor(storage.retain(), layout)
    // A node for each use, though it is computed once: what comes back to a weight adds up in float32.
    if (gradEnabled()) {
      const source = new Node(resize, { dtype }, [x.edge], {}, [metaOf(x)], [metaOf(y)])
      y.setEdge({ source, index: 0 })
    }
    return y
  }

  /** What a weight is rounded to, once as long as it is the same. */
  function copyOf(x: Tensor): Tensor {
    const { storage, layout } = x
    const known = copies.get(storage) ?? new Map<string, Copy>()
    copies.set(storage, known)
    const key = String([layout.offset, layout.shape, layout.strides])
    const found = known.get(key)
    if (found && found.version === storage.version) return found.copy
    found?.copy.dispose()
    const copy = keep(noGrad(() => resize([x], { dtype })))
    known.set(key, { version: storage.version, copy })
    return copy
  }

  const now: Casting = (op, xs, attrs) => {
    const { autocast, halves, view } = op.spec
    // A walk backward does what its graph says.
    if (calling.back) return undefined
    if (autocast === 'results') return withoutCasting(op, xs, attrs).map((y) => rounded(y) as Tensor)
    if (autocast === 'narrow' || autocast === 'inputs')
      return widen(op, xs.map(rounded), attrs, autocast === 'narrow' ? 'as inputs' : 'wide')
    return autocast === 'wide' || !(halves || view) ? widen(op, xs, attrs, 'wide') : undefined
  }
  const end = () => {
    for (const known of copies.values()) for (const { copy } of known.values()) copy.dispose()
  }
  return { now, end }
}

/** A leaf of the graph, or a view of one. */
function isWeight(edge: Edge | null): boolean {
  let source = edge?.source
  while (source instanceof Node && source.inputs.length === 1 && (source.op as Partial<Op<unknown>>).spec?.view)
    source = source.inputs[0]?.source
  return source instanceof Leaf
}

function withoutCasting(op: Op<unknown>, xs: readonly (Tensor | undefined)[], attrs: unknown): Tensor[] {
  const { now } = casting
  casting.now = null
  try {
    return op.all(xs, attrs)
  } finally {
    casting.now = now
  }
}

/** Run f with a dtype that was checked. */
export function castingTo<T>(dtype: AutocastDType | null, f: () => T): T {
  const own = dtype === null || dtype === 'float32' ? null : region(dtype)
  const enter = () => {
    const before = { ...casting }
    Object.assign(casting, { now: own?.now ?? null, dtype })
    return () => {
      Object.assign(casting, before)
      own?.end()
    }
  }
  return synchronous('autocast', 'await outside of it, and give it the part between', enter, f)
}

/**
 * Mixed precision: what f computes is stored in 16 bits where that is enough.
 *
 *     const loss = autocast('bfloat16', () => crossEntropy(model.forward(x), y))
 *     loss.backward()
 *
 * Products (`matmul`, `linear`, convolutions, `einsum`), attention and embeddings round what they are given and what
 * they give; normalisations, softmax, losses and sums give float32; all else is of the dtype of its inputs. Everything
 * is computed in float32. Weights stay float32, and so do their gradients; each weight is rounded once in a call.
 * Backward belongs outside. bfloat16 has the range of float32; with float16, whose numbers end at 65,504 and at
 * 6e-8, use `optim.GradScaler`.
 * @param dtype  'float32': without, inside of another one
 * @param f      synchronous
 * @returns      what f returns
 * @throws HandgradError if dtype is another one, or f is not a function or returns a promise
 * @see Micikevicius et al. 2018, "Mixed Precision Training"
 */
export function autocast<T>(dtype: AutocastDType, f: () => T): T {
  if (!dtypes.includes(dtype)) fail('autocast', `dtype is ${describe(dtype)}`, `give one of ${dtypes.join(', ')}`)
  return castingTo(dtype, f)
}
