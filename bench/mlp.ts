/** @file One training step of a 784–256–10 classifier at batch 64: forward, cross-entropy, backward, Adam. */
import { nn, optim, randn, scope, type Tensor, tensor } from '../src/node.ts'
import { against, type Case, type Figure, figure, type Setting, time, verify } from './harness.ts'
import { tf, tfjs } from './peers.ts'

const BATCH = 64
const OPTIONS = { lr: 1e-3, eps: 1e-8 }

export async function mlp({ device }: Setting): Promise<Figure[]> {
  const x = randn([BATCH, 784], { device })
  const classes = Int32Array.from({ length: BATCH }, (_, i) => (i * 7) % 10)
  const t = tensor(classes, { device })
  const net = new nn.Sequential(new nn.Linear(784, 256, { device }), new nn.ReLU(), new nn.Linear(256, 10, { device }))
  const adam = new optim.Adam(net.parameters(), OPTIONS)
  const peer = await tfjsStep((await x.data()) as Float32Array, classes, net.parameters())

  const step = (): Tensor => {
    adam.zeroGrad()
    const loss = nn.functional.crossEntropy(net.forward(x), t)
    loss.backward()
    adam.step()
    return loss.detach()
  }
  // The same weights, data and updates: the losses must agree before they are timed.
  for (let i = 0; i < 5; i++) {
    const loss = scope(step)
    verify(`the loss of step ${i}`, Math.abs((await loss.item()) - peer()), 1e-3)
    loss.dispose()
  }

  const count = device.kind === 'cpu' ? 1 : 10
  const name = 'step, 784–256–10, batch 64'
  // What the host does of a step: encoding without waiting.
  const encode: number[] = []
  const ours: Case = {
    name,
    run: async () => {
      for (let i = 0; i < count; i++) {
        const start = performance.now()
        scope(() => void step())
        encode.push((performance.now() - start) / 1000)
      }
      await device.sync()
    },
  }
  const times = await time('mlp', [ours, { name: tfjs, run: () => void peer() }])
  const theirs = figure(`${name}, ${tfjs}`, 'steps/s', times.get(tfjs) ?? [], (s) => 1 / s)
  const figures = [
    against(
      figure(name, 'steps/s', times.get(name) ?? [], (s) => count / s),
      theirs,
    ),
    theirs,
  ]
  if (device.kind === 'webgpu') figures.push(figure('of it JS and encode', 'ms', encode, (s) => s * 1e3))
  return figures
}

/** The same model in tfjs, from the same weights; a call is a step and gives its loss. */
async function tfjsStep(data: Float32Array, classes: Int32Array, params: readonly Tensor[]): Promise<() => number> {
  const [w1, b1, w2, b2] = await Promise.all(
    params.map(async (p) => tf.variable(tf.tensor((await p.data()) as Float32Array, [...p.shape]))),
  )
  const x = tf.tensor2d(data, [BATCH, 784])
  const t = tf.oneHot(tf.tensor1d(classes, 'int32'), 10)
  const adam = tf.train.adam(OPTIONS.lr, 0.9, 0.999, OPTIONS.eps)
  const loss = () => {
    const h = tf.relu(tf.add(tf.matMul(x, w1 as never, false, true), b1))
    const z = tf.add(tf.matMul(h as never, w2 as never, false, true), b2)
    return tf.losses.softmaxCrossEntropy(t, z) as ReturnType<typeof tf.scalar>
  }
  return () =>
    tf.tidy(() => {
      const value = adam.minimize(loss, true)
      return value?.dataSync()[0] ?? NaN
    })
}
