/** @file Rotary positions: pairs of channels turned by an angle that grows with the position of a token. */
import { rope as contract } from '../../core/contracts.generated.ts'
import { fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { type Shape, sameShape, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { type Order, orderOf, restored, shapeIn, viewIn, walked } from './heads.ts'

const { FROM_ZERO, STARTS, EACH } = contract.consts

interface RopeAttrs {
  /** How y lies in memory: as x does, so that heads cut out of [B, T, H·D] are joined again without a copy. */
  readonly order: Order
  /** Turned back, which is the gradient. */
  readonly inverse: boolean
}

const ropeOp: Op<RopeAttrs> = defineOp({
  name: 'rope',
  inputs: ['x', 'cos', 'sin', 'positions?'],
  dtypes: { x: floats, cos: floats, sin: floats, positions: ['int32'] },
  contiguous: ['cos', 'sin', 'positions'],
  shape: ([x], { order }: RopeAttrs) => ({ shape: shapeIn(order, x) }),
  launch: ([x, cos, sin, positions], [y], { order, inverse }) => {
    const [rows, channels] = x.shape.slice(-2)
    const params = {
      size: x.numel / 2,
      rows,
      pairs: channels / 2,
      heads: sizeOf(x.shape.slice(1, -2)),
      given: !positions ? FROM_ZERO : positions.ndim === 1 ? STARTS : EACH,
      limit: cos.shape[0],
      cos_offset: cos.layout.offset,
      sin_offset: sin.layout.offset,
      positions_offset: positions?.layout.offset ?? 0,
      launch_id: 0,
    }
    walked('rope', 1, { x }, { y: viewIn(order, x) }, (ready, walks) =>
      // The kernel's text names positions; where there are none, any buffer will do.
      launch<object>(
        'rope',
        kernels.rope,
        [y, ready.x, cos, sin, positions ?? cos],
        { ...walks, ...params },
        {
          INVERSE: inverse ? 1 : 0,
        },
      ),
    )
  },
  saves: { all: ['cos', 'sin', 'positions'] },
  vjp: {
    // The tables are constants, which `rope` sees to.
    all: ({ g, cos, sin, positions, attrs: { order, inverse } }) => ({
      x: restored(ropeOp([restored(g, order), cos, sin, positions], { order, inverse: !inverse }), order),
    }),
  },
})

function checkTable(name: string, table: Tensor, x: Tensor, shape: Shape, give: string): void {
  checkSameKind('rope', x, name, table)
  if (!sameShape(table.shape, shape))
    fail('rope', `${name} is ${showShape(table.shape)}, x ${showShape(x.shape)}`, `give ${give}`)
  if (table.edge) fail('rope', `${name} needs a gradient`, `the tables are constants: give ${name}.detach()`)
}

/**
 * Rotary positions (Su et al. 2021) in the form of Llama's files, which turns the first half of the channels with the
 * second: with c < D/2 and n the position of token t, y[t, c] = x[t, c]·cos[n, c] − x[t, c + D/2]·sin[n, c] and
 * y[t, c + D/2] = x[t, c + D/2]·cos[n, c] + x[t, c]·sin[n, c]. A product of two turned rows depends on the distance of
 * their positions alone. Dtypes: floats.
 * @param x          [..., T, D], [batch, heads, T, D] say, as it lies in memory; y lies as x does
 * @param cos        [positions, D/2], cosines of n·θᶜ; a constant
 * @param sin        likewise their sines
 * @param positions  int32 [batch, T], where each token stands, or [batch], where the first of each row does, which the
 *   others follow; batch is the first axis of x. Default (or null): 0, 1, 2, …
 * @returns          the shape of x
 * @throws HandgradError if D is odd, the tables or positions do not fit x, the tables have fewer positions than x
 *   tokens, or one of them needs a gradient
 * @throws IndexError if one of `positions` is none of the tables': at once on the CPU, else at the next read
 */
export function rope(x: Tensor, cos: Tensor, sin: Tensor, positions: Tensor | null = null): Tensor {
  const op = 'rope'
  checkDType(op, 'x', x, floats)
  if (x.ndim < 2) fail(op, `x is ${showShape(x.shape)}`, 'give [..., tokens, channels]')
  const [tokens, channels] = x.shape.slice(-2)
  if (channels % 2 !== 0) fail(op, `x has ${channels} channels`, 'pairs of them are turned: give an even number')
  const pairs = channels / 2
  checkTable('cos', cos, x, [cos?.shape?.[0] ?? 0, pairs], `[positions, ${pairs}]`)
  checkTable('sin', sin, x, cos.shape, `${showShape(cos.shape)}, as cos`)
  if (positions === null) {
    if (tokens > cos.shape[0])
      fail(op, `x has ${tokens} tokens, the tables ${cos.shape[0]} positions`, 'make longer tables')
  } else {
    checkDType(op, 'positions', positions, ['int32'])
    const [batch] = x.shape
    if (x.ndim < 3 || !(sameShape(positions.shape, [batch]) || sameShape(positions.shape, [batch, tokens])))
      fail(
        op,
        `positions is ${showShape(positions.shape)}, x ${showShape(x.shape)}`,
        x.ndim < 3 ? 'give x an axis before tokens and channels' : `give [${batch}, ${tokens}] or [${batch}]`,
      )
  }
  const order = orderOf(x)
  return restored(ropeOp([x, cos, sin, positions ?? undefined], { order, inverse: false }), order)
}
