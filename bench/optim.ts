/**
 * @file A step of each optimizer with a kernel, as bytes by time: what it must read and write (the parameter and each
 * number that is kept, both ways; the gradient once) over the time that it takes. Compared with a copy of as many
 * elements in the same run.
 */
import { type Device, noGrad, optim, scope, type Tensor, tensor } from '../src/node.ts'
import { against, type Case, type Figure, figure, type Setting, time, verify } from './harness.ts'

/** Three tensors, one launch (two, where three numbers are kept). */
const TENSORS = 3
const ELEMENTS = 2 ** 20
/** Elements that are held against the CPU, in float32 there as well: twins that met float64, too, are slower. */
const LOOKED_AT = 64

interface Entry {
  readonly name: string
  /** Numbers kept of each element. */
  readonly kept: number
  make(params: Tensor[]): optim.Optimizer
}

const entries: readonly Entry[] = [
  { name: 'SGD', kept: 0, make: (p) => new optim.SGD(p) },
  { name: 'SGD, momentum', kept: 1, make: (p) => new optim.SGD(p, { momentum: 0.9 }) },
  { name: 'Lion', kept: 1, make: (p) => new optim.Lion(p) },
  { name: 'Adagrad', kept: 1, make: (p) => new optim.Adagrad(p) },
  { name: 'RMSprop', kept: 1, make: (p) => new optim.RMSprop(p) },
  { name: 'Adam', kept: 2, make: (p) => new optim.Adam(p) },
  { name: 'AdamW', kept: 2, make: (p) => new optim.AdamW(p) },
  { name: 'Adamax', kept: 2, make: (p) => new optim.Adamax(p) },
  { name: 'Adadelta', kept: 2, make: (p) => new optim.Adadelta(p) },
  { name: 'NAdam', kept: 2, make: (p) => new optim.NAdam(p) },
  { name: 'RAdam', kept: 2, make: (p) => new optim.RAdam(p) },
  { name: 'AMSGrad', kept: 3, make: (p) => new optim.Adam(p, { amsgrad: true }) },
  {
    name: 'RMSprop, centered, momentum',
    kept: 3,
    make: (p) => new optim.RMSprop(p, { centered: true, momentum: 0.9 }),
  },
]

/** Numbers that repeat, with gradients of their own. */
function made(make: Entry['make'], count: number, device: Device): optim.Optimizer {
  const values = (phase: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i + phase))
  const params = Array.from({ length: TENSORS }, (_, t) => {
    const p = tensor(values(t), { device, requiresGrad: true })
    p.grad = tensor(values(t + 0.5), { device })
    return p
  })
  return make(params)
}

export async function optimizers({ device }: Setting): Promise<Figure[]> {
  const { cpu } = await import('../src/devices.ts')
  const whole = tensor(new Float32Array(TENSORS * ELEMENTS), { device })
  const to = tensor(new Float32Array(TENSORS * ELEMENTS), { device })
  const waited =
    (run: () => void): Case['run'] =>
    async () => {
      scope(run)
      await device.sync()
    }
  const cases: Case[] = [{ name: 'copy', run: waited(() => noGrad(() => void to.copy_(whole))) }]
  for (const { name, make } of entries) {
    const [own, small] = [made(make, ELEMENTS, device), made(make, LOOKED_AT, cpu)]
    own.step()
    small.step()
    const [got, want] = await Promise.all(
      [own, small].map(({ params: [p] }) => p.detach().slice([0, LOOKED_AT]).data()),
    )
    verify(name, Math.max(...Array.from(want, (x, i) => Math.abs(x - got[i]))), 1e-5)
    cases.push({ name, run: waited(() => own.step()) })
  }
  const times = await time('optim', cases)
  const rate = (name: string, words: number): Figure =>
    figure(name, 'GB/s', times.get(name) ?? [], (s) => (4 * words * TENSORS * ELEMENTS) / s / 1e9)
  const copy = rate('copy', 2)
  return [copy, ...entries.map(({ name, kept }) => against(rate(name, 3 + 2 * kept), copy))]
}
