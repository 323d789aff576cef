/**
 * @file New data without forgetting. A network learns the digits 0 to 4, then 5 to 9: what it knew of the first is
 * gone. With some of the old digits among the new ones (replay) most of it stays.
 *
 *   npx tsx examples/continual.ts [--device webgpu]
 */
import { data, nn, noGrad, optim, scope, type Tensor, tensor } from 'handgrad'
import { table } from './chart.ts'
import { dataOption, digits } from './data.ts'
import { program } from './run.ts'

const [PIXELS, BATCH, EVERY] = [28 * 28, 32, 6] // EVERY: steps between two measurements

interface Samples {
  readonly pixels: Float32Array
  readonly labels: Int32Array
}
/** The images of some classes, 0 … 1, at most so many. */
function of({ images, labels }: data.Digits, classes: readonly number[], most: number): Samples {
  const chosen = [...labels.keys()].filter((i) => classes.includes(labels[i])).slice(0, most)
  const pixels = new Float32Array(chosen.length * PIXELS)
  chosen.forEach((from, to) => {
    for (let k = 0; k < PIXELS; k++) pixels[to * PIXELS + k] = images[from * PIXELS + k] / 255
  })
  return { pixels, labels: Int32Array.from(chosen, (i) => labels[i]) }
}

export const main = program(
  import.meta.url,
  'A network learns new digits: forgetting measured, then reduced by replay.',
  {
    steps: [60, 'of Adam for the first digits, and again for the new ones'],
    images: [1000, 'digits drawn'],
    memory: [50, 'old digits that are kept for replay'],
    data: dataOption,
  },
  async ({ device, seed, steps, images, memory, data: folder, progress, show }) => {
    const { train, test } = await digits(folder, images)
    const early = [0, 1, 2, 3, 4]
    const late = [5, 6, 7, 8, 9]
    const [first, second] = [early, late].map((classes) => of(train, classes, 10_000))
    const tests = [early, late]
      .map((classes) => of(test, classes, 500))
      .map(({ pixels, labels }) => ({
        x: tensor(pixels, { shape: [labels.length, 1, 28, 28], device }),
        y: tensor(labels, { device }),
      }))
    const linear = (from: number, to: number) => new nn.Linear(from, to, { device })
    const network = () =>
      new nn.Sequential(new nn.AvgPool2d(2), new nn.Flatten(), linear(196, 64), new nn.ReLU(), linear(64, 10))
    const accuracies = (net: nn.Layer): Promise<number[]> => {
      const hits = tests.map(({ x, y }) => scope(() => noGrad(() => net.forward(x).argmax(1).eq(y).float().mean())))
      return Promise.all(hits.map((hit) => hit.item()))
    }
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    /** `counts` samples of each source, drawn at random, as one batch. */
    const batch = (sources: readonly Samples[], counts: readonly number[]): [Tensor, Tensor] => {
      const drawn = sources.flatMap((from, s) =>
        Array.from({ length: counts[s] }, () => ({ from, at: random.int(from.labels.length) })),
      )
      const pixels = new Float32Array(drawn.length * PIXELS)
      drawn.forEach(({ from, at }, i) => pixels.set(from.pixels.subarray(at * PIXELS, (at + 1) * PIXELS), i * PIXELS))
      const labels = Int32Array.from(drawn, ({ from, at }) => from.labels[at])
      return [tensor(pixels, { shape: [drawn.length, 1, 28, 28], device }), tensor(labels, { device })]
    }
    let done = 0
    /** Train on batches of these sources; accuracy on old and new digits before, and after EVERY steps. */
    const learn = async (net: nn.Layer, sources: readonly Samples[], counts: readonly number[]) => {
      const adam = new optim.Adam(net.parameters(), { lr: 0.003 })
      const seen = [await accuracies(net)]
      for (let step = 1; step <= steps; step++) {
        adam.zeroGrad()
        scope(() => {
          const [x, y] = batch(sources, counts)
          nn.functional.crossEntropy(net.forward(x), y).backward()
        })
        adam.step()
        if (step % EVERY === 0) seen.push(await accuracies(net))
        progress(++done, 4 * steps)
      }
      return seen
    }

    const before = network()
    const learned = (await learn(before, [first], [BATCH])).at(-1) as number[]
    const goOn = async (way: string, sources: readonly Samples[], counts: readonly number[]) => {
      const net = network()
      net.loadStateDict(before.stateDict())
      const seen = await learn(net, sources, counts)
      const [old, fresh] = seen.at(-1) as number[]
      return { way, old, fresh, both: (old + fresh) / 2, forgotten: learned[0] - old, seen }
    }
    // The memory is a few old digits, the first that came; half of each batch is drawn from it.
    const kept = { pixels: first.pixels.slice(0, memory * PIXELS), labels: first.labels.slice(0, memory) }
    const rows = [
      await goOn('new digits only', [second], [BATCH]),
      await goOn(`replay of ${memory}`, [second, kept], [BATCH / 2, BATCH / 2]),
      await goOn('all old digits again', [second, first], [BATCH / 2, BATCH / 2]),
    ]
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    console.log(`after 0 to 4: ${percent(learned[0])} of these right\n`)
    const cells = rows.map(({ way, old, fresh, both, forgotten }) => [
      way,
      ...[old, fresh, both, forgotten].map(percent),
    ])
    console.log(table(['then', '0 to 4', '5 to 9', 'mean', 'forgotten'], cells))
    const lines = rows.map(({ way, seen }) => ({
      name: way,
      y: seen.map(([old]) => old),
      x: seen.map((_, i) => i * EVERY),
    }))
    const svg = show({
      title: 'What is left of 0 to 4',
      xLabel: 'step with 5 to 9',
      yLabel: 'accuracy on 0 to 4',
      lines,
    })
    return { learned: learned[0], rows, svg }
  },
)
