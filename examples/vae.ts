/**
 * @file A variational autoencoder of digits: an encoder that gives a mean and a variance for each image, a sample of
 * them by z = μ + σ ε, and a decoder that draws the image again. New digits come of z ~ N(0, 1).
 *
 *   npx tsx examples/vae.ts [--device webgpu] [--data FOLDER --steps 4000 --hidden 128]
 */
import { avgPool2d, inspect, nn, noGrad, optim, randn, scope, type Tensor, tensor } from 'handgrad'
import { dataOption, digits } from './data.ts'
import { tiles } from './images.ts'
import { program } from './run.ts'

const SIDE = 14
const ACROSS = 8 // images in a row of the plane
const BATCH = 50

export class VAE extends nn.Module {
  readonly encoder: nn.Sequential
  readonly decoder: nn.Sequential
  constructor(hidden: number) {
    super()
    const pixels = SIDE * SIDE
    this.encoder = new nn.Sequential(new nn.Linear(pixels, hidden), new nn.ReLU(), new nn.Linear(hidden, 4))
    this.decoder = new nn.Sequential(new nn.Linear(2, hidden), new nn.ReLU(), new nn.Linear(hidden, pixels))
  }
  /** μ and ln σ² of q(z|x), two numbers each. */
  encode(x: Tensor): [mu: Tensor, logvar: Tensor] {
    const both = this.encoder.forward(x)
    return [both.narrow(1, 0, 2), both.narrow(1, 2, 2)]
  }
  /** Logits of the image, from a sample of q(z|x). */
  forward(x: Tensor): { logits: Tensor; mu: Tensor; logvar: Tensor } {
    const [mu, logvar] = this.encode(x)
    const noise = randn(mu.shape, { device: x.device })
    const z = mu.add(logvar.mul(0.5).exp().mul(noise)) // z = μ + σ ε: what is random is no longer in the way
    return { logits: this.decoder.forward(z), mu, logvar }
  }
}

/** KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − ln σ²), the mean over images. */
export function klOf(mu: Tensor, logvar: Tensor): Tensor {
  const each = mu.square().add(logvar.exp()).sub(1).sub(logvar)
  return each.sum().mul(0.5 / mu.shape[0])
}
/** −ln p(x|z) of pixels that are on with probability σ(logit), in nats per image. */
export const missed = (logits: Tensor, x: Tensor): Tensor =>
  nn.functional.bceWithLogits(logits, x, { reduction: 'sum' }).div(x.shape[0])

export const main = program(
  import.meta.url,
  'A variational autoencoder: its loss in two parts, and the plane of digits that it draws.',
  { steps: [400, 'of training'], hidden: [64, 'units'], lr: [5e-3, 'the learning rate'], data: dataOption },
  async ({ device, steps, hidden, lr, data, progress, show, save }) => {
    const { train, test } = await digits(data, 1000, 30_000)
    const [x, unseen] = [train, test].map(({ images, count, rows, cols }) => {
      const ink = Float32Array.from(images, (byte) => byte / 255)
      const pixels = tensor(ink, { shape: [count, 1, rows, cols], device })
      return avgPool2d(pixels, 2).flatten(1)
    })
    // By hand: ∂KL/∂μ = μ and ∂KL/∂ln σ² = ½ (σ² − 1), divided by the number of images.
    const [m, v] = [0, 1].map(() => randn([5, 2], { device }).requiresGrad_())
    klOf(m, v).backward()
    const checks = [await inspect.checkGrad(m, m.div(5)), await inspect.checkGrad(v, v.exp().sub(1).div(10))]
    console.log(`∂KL/∂μ | ${checks[0]}\n∂KL/∂ln σ² | ${checks[1]}`)
    // What a model without z can reach: one probability for each pixel.
    const mean = x.mean(0).clamp({ min: 0.001, max: 0.999 })
    const without = await missed(mean.div(mean.neg().add(1)).log().expand(unseen.shape), unseen).item()

    const model = await new VAE(hidden).to(device)
    const optimizer = new optim.Adam(model.parameters(), { lr })
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: steps, etaMin: lr / 10 })
    const [losses, kls]: [number[], number[]] = [[], []]
    for (let step = 0; step < steps; step++) {
      const batch = x.narrow(0, (step * BATCH) % (train.count - BATCH + 1), BATCH)
      const [loss, kl] = scope(() => {
        optimizer.zeroGrad()
        const { logits, mu, logvar } = model.forward(batch)
        const kl = klOf(mu, logvar)
        const loss = missed(logits, batch).add(kl) // −ELBO
        loss.backward()
        optimizer.step()
        schedule.step()
        return [loss.detach(), kl.detach()]
      })
      losses.push(await loss.item())
      kls.push(await kl.item())
      progress(step + 1, steps, `−ELBO ${losses[step].toFixed(1)}`)
    }
    const seen = noGrad(() => model.forward(unseen))
    const [drawing, kl] = [await missed(seen.logits, unseen).item(), await klOf(seen.mu, seen.logvar).item()]
    const whole = await seen.mu.square().add(seen.logvar.exp()).mean().item()
    const both = `${drawing.toFixed(1)} + KL ${kl.toFixed(1)}`
    console.log(`unseen digits, nats each: without z ${without.toFixed(1)}; ${both}`)
    console.log(`μ² + σ² over all of them: ${whole.toFixed(2)}, of N(0, 1) it is 1`)

    // The plane of z from −2 to 2, decoded.
    const ticks = Array.from({ length: ACROSS }, (_, i) => -2 + (4 * i) / (ACROSS - 1))
    const points = ticks.flatMap((y) => ticks.map((x) => [x, -y]))
    const plane = noGrad(() => model.decoder.forward(tensor(points, { device })).sigmoid())
    const images = (await plane.array()) as number[][]
    const { text, svg } = tiles('digits over the plane of z', images, SIDE, ACROSS)
    console.log(`\n${text}\n(${save('vae-plane.svg', svg)})`)
    // Which digit is each? That of the training image nearest to it: |a − b|² = |a|² − 2 ab + |b|².
    const distances = x.square().sum(1).sub(plane.matmul(x.t()).mul(2))
    const nearest = (await distances.argmin(1).array()) as number[]
    const kinds = new Set(nearest.map((i) => train.labels[i])).size
    console.log(`${kinds} of the ten digits are in the plane`)
    const lines = Object.entries({ '−ELBO': losses, KL: kls }).map(([name, y]) => ({ name, y }))
    show({ title: 'A variational autoencoder', xLabel: 'step', yLabel: 'nats per image', lines })
    return { checks, without, drawing, kl, whole, kinds, losses }
  },
)
