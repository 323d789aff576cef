/**
 * @file The whole idea in one file without an import: tensors, broadcasting, ops with their rules, the walk backward, a
 * check by differences. In float64 it gives the bits of handgrad's CPU device, because it adds in the same order.
 * docs/guide/backprop.md says which of handgrad's files each part stands for.
 */

// ---- 1. tensors: numbers in row-major order, a shape, and how they were made

export type Shape = readonly number[]
export type Nested = number | readonly Nested[]
type Operand = Tensor | number
/** ∂L/∂y in, ∂L/∂x of each input out; y is the op's own result. */
type Rule = (g: Tensor, y: Tensor) => readonly Tensor[]

let made = 0
export class Tensor {
  readonly id = made++ // younger tensors have larger numbers: the order of the walk
  grad: Tensor | null = null
  readonly data!: Float64Array
  readonly shape!: Shape
  readonly inputs!: readonly Tensor[]
  readonly rule!: Rule | null

  constructor(data: Float64Array, shape: Shape, inputs: readonly Tensor[] = [], rule: Rule | null = null) {
    Object.assign(this, { data, shape, inputs, rule })
  }
  item = (): number => this.data[0]
  backward = (): void => walk(this)

  // ---- 2. ops: a function of numbers, and the chain rule's factor for each input, itself written in ops

  add = (b: Operand): Tensor => pointwise([this, b], { f: (x, y) => x + y, rule: (g) => [g, g] })
  sub = (b: Operand): Tensor => pointwise([this, b], { f: (x, y) => x - y, rule: (g) => [g, g.mul(-1)] })
  mul = (b: Operand): Tensor => pointwise([this, b], { f: (x, y) => x * y, rule: (g) => [g.mul(b), g.mul(this)] })
  div = (n: number): Tensor => pointwise([this], { f: (x) => x / n, rule: (g) => [g.div(n)] })
  pow = (n: number): Tensor => pointwise([this], { f: (x) => x ** n, rule: (g) => [g.mul(this.pow(n - 1).mul(n))] })
  square = (): Tensor => pointwise([this], { f: (x) => x * x, rule: (g) => [g.mul(this.mul(2))] })
  relu = (): Tensor => pointwise([this], { f: (x) => (x > 0 ? x : 0), rule: (g, y) => [g.where(y)] })
  where = (y: Tensor): Tensor => pointwise([this, y], { f: (g, v) => (v > 0 ? g : 0), rule: (g) => [g.where(y)] })
  tanh = (): Tensor => pointwise([this], { f: Math.tanh, rule: (g, y) => [g.mul(y.square().mul(-1).add(1))] })
  sigmoid = (): Tensor => pointwise([this], { f: logistic, rule: (g, y) => [g.mul(y.mul(y.mul(-1).add(1)))] })
  expand = (to: Shape): Tensor => new Tensor(stretched(this, to), to, [this], (g) => [g])
  sum = (): Tensor => new Tensor(summed(this, []), [], [this], (g) => [g.expand(this.shape)])
  transpose = (): Tensor => new Tensor(flipped(this), [this.shape[1], this.shape[0]], [this], (g) => [g.transpose()])
  matmul = (b: Tensor): Tensor =>
    new Tensor(product(this, b), [this.shape[0], b.shape[1]], [this, b], (g) => [
      g.matmul(b.transpose()), //   yᵢⱼ = Σₖ aᵢₖ bₖⱼ, so ∂L/∂a = g bᵀ
      this.transpose().matmul(g), // and ∂L/∂b = aᵀ g
    ])
}

export function tensor(nested: Nested): Tensor {
  const shape: number[] = []
  for (let at = nested; Array.isArray(at); at = at[0]) shape.push(at.length)
  return new Tensor(Float64Array.from(([nested] as unknown[]).flat(Infinity) as number[]), shape)
}

function pointwise(operands: readonly Operand[], { f, rule }: { f(...x: number[]): number; rule: Rule }): Tensor {
  const inputs = operands.map((x) => (typeof x === 'number' ? tensor(x) : x))
  const shape = inputs.map((x) => x.shape).reduce(broadcast)
  const values = inputs.map((x) => stretched(x, shape))
  const data = values[0].map((_, i) => f(...values.map((v) => v[i])))
  return new Tensor(data, shape, inputs, rule)
}

const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

// ---- 3. broadcasting: axes are matched from the right, a size of 1 is repeated, and its gradient summed again

function broadcast(a: Shape, b: Shape): Shape {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a]
  return long.map((n, axis) => {
    const m = short[axis - long.length + short.length] ?? 1
    if (n !== m && n !== 1 && m !== 1) throw new Error(`[${a}] and [${b}] do not broadcast`)
    return n === 1 ? m : n
  })
}

/** Where element i of the larger shape comes from in the smaller one. */
function source(i: number, large: Shape, small: Shape): number {
  let [rest, from, step] = [i, 0, 1]
  for (let axis = large.length - 1, k = small.length - 1; k >= 0; axis--, k--) {
    if (small[k] > 1) from += (rest % large[axis]) * step
    step *= small[k]
    rest = Math.floor(rest / large[axis])
  }
  return from
}

const zeros = (shape: Shape): Float64Array => new Float64Array(shape.reduce((a, b) => a * b, 1))
const stretched = ({ data, shape }: Tensor, to: Shape): Float64Array =>
  zeros(to).map((_, i) => data[source(i, to, shape)])

function summed({ data, shape }: Tensor, to: Shape): Float64Array {
  const out = zeros(to)
  data.forEach((v, i) => (out[source(i, shape, to)] += v))
  return out
}

// ---- 4. matrices

const flipped = ({ data, shape: [m, n] }: Tensor): Float64Array =>
  data.map((_, i) => data[(i % m) * n + Math.floor(i / m)])

function product(a: Tensor, b: Tensor): Float64Array {
  const [k, n] = b.shape
  return zeros([a.shape[0], n]).map((_, i) => {
    let sum = 0
    for (let l = 0; l < k; l++) sum += a.data[Math.floor(i / n) * k + l] * b.data[l * n + (i % n)]
    return sum
  })
}

// ---- 5. the walk: newest first, so that all which a tensor feeds has sent its share before the tensor passes it on

function walk(loss: Tensor): void {
  const reached = new Set([loss])
  for (const t of reached) for (const input of t.inputs) reached.add(input)
  const arrived = new Map([[loss, new Tensor(zeros(loss.shape).fill(1), loss.shape)]])
  for (const t of [...reached].sort((a, b) => b.id - a.id)) {
    const g = arrived.get(t) as Tensor
    if (!t.rule) t.grad = t.grad?.add(g) ?? g
    t.rule?.(g, t).forEach((share, i) => {
      const input = t.inputs[i]
      const own = new Tensor(summed(share, input.shape), input.shape) // undoes the broadcast
      arrived.set(input, arrived.get(input)?.add(own) ?? own) //         several paths: their shares add up
    })
  }
}

// ---- 6. the check: nudge each element, and look at what the result does

/** The largest distance of a gradient from (f(x + h) − f(x − h))/2h, over all elements of all inputs. */
export function gradcheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[], h = 1e-6): number {
  const fresh = inputs.map(({ data, shape }) => new Tensor(data.slice(), shape))
  f(...fresh).backward()
  const misses = fresh.flatMap(({ data, grad }) =>
    Array.from(data, (v, i) => {
      const [up, down] = [v + h, v - h].map((nudged) => {
        data[i] = nudged
        return f(...fresh).item()
      })
      data[i] = v
      return Math.abs((up - down) / (2 * h) - (grad?.data[i] ?? 0))
    }),
  )
  return Math.max(...misses)
}
