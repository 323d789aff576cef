/**
 * @file A small CNN is pre-trained on upright digits, then adapted to a few digits that are turned by 30°: by its head
 * alone, frozen layers, LoRA, and all layers.
 *
 *   npx tsx examples/finetune/adapt-cnn.ts [--device webgpu]
 */
import { affineGrid, data, gridSample, nn, noGrad, optim, scope, tensor } from 'handgrad'
import { table } from '../chart.ts'
import { dataOption, digits } from '../data.ts'
import { program } from '../run.ts'
import { adapt, saved } from './lora.ts'
import { cells, curves, head, measured, only, type Samples, train } from './measure.ts'

const ANGLE = (30 * Math.PI) / 180

export const main = program(
  import.meta.url,
  'A CNN that is pre-trained on upright digits and adapted to turned ones in five ways: one table.',
  {
    steps: [100, 'of pre-training'],
    adapting: [16, 'steps of each adaptation'],
    images: [1000, 'digits drawn'],
    labelled: [60, 'new digits to adapt to'],
    rank: [4, 'of LoRA'],
    data: dataOption,
  },
  async ({ device, out, steps, adapting, images, labelled, rank, data: folder, progress, show }) => {
    const files = await digits(folder, images)
    /** The first `count` digits as a camera held askew sees them: pixels 0 … 1 turned by an angle, and classes. */
    const turned = ({ images, labels, count: all }: data.Digits, count: number): Samples => {
      const n = Math.min(count, all)
      const pixels = Float32Array.from(images.subarray(0, n * 784), (ink) => ink / 255)
      const x = tensor(pixels, { shape: [n, 1, 28, 28], device })
      const [cos, sin] = [Math.cos(ANGLE), Math.sin(ANGLE)]
      const turn = tensor([cos, -sin, 0, sin, cos, 0], { shape: [1, 2, 3], device }).expand([n, 2, 3])
      const grid = affineGrid(turn, [n, 1, 28, 28])
      return { x: gridSample(x, grid), y: tensor(Int32Array.from(labels.subarray(0, n)), { device }) }
    }
    const block = (from: number, to: number): nn.Layer =>
      new nn.Sequential({
        conv: new nn.Conv2d(from, to, 3, { padding: 1, device }),
        act: new nn.ReLU(),
        pool: new nn.MaxPool2d(2),
      })
    const cnn = () =>
      new nn.Sequential({
        half: new nn.AvgPool2d(2), // 14 × 14 are enough to tell digits
        block1: block(1, 8),
        block2: block(8, 16),
        flat: new nn.Flatten(),
        hidden: new nn.Sequential({ linear: new nn.Linear(16 * 3 * 3, 32, { device }), act: new nn.ReLU() }),
        head: new nn.Linear(32, 10, { device }),
      })
    type CNN = ReturnType<typeof cnn>

    const pretrained = cnn()
    const upright = new data.DigitDataset(files.train, { shape: [1, 28, 28] })
    const loader = new data.DataLoader(upright, { batchSize: 32, shuffle: true, device })
    const adam = new optim.Adam(pretrained.parameters(), { lr: 0.003 })
    for (let step = 0; step < steps; ) {
      for (const [x, y] of loader) {
        if (step++ === steps) break
        adam.zeroGrad()
        scope(() => nn.functional.crossEntropy(pretrained.forward(x), y).backward())
        adam.step()
        progress(step, steps, 'pre-training')
      }
    }

    const sets = [turned(files.train, labelled), turned(files.test, 1000)] as const
    const copy = (): CNN => {
      const net = cnn()
      net.loadStateDict(pretrained.stateDict())
      return net
    }
    const layers = ['block1.conv', 'block2.conv', 'hidden.linear']
    const lora = adapt(only(copy(), 'head'), layers, rank)
    const by = (way: string, net: CNN, lr = 0.003) => train(way, net, sets, { steps: adapting, lr })
    const before = noGrad(() => pretrained.forward(sets[1].x))
    const asItIs = await measured(before, sets[1].y)
    const rows = [
      { way: 'as it is', ...asItIs, share: 0, seconds: 0, losses: [] },
      await by('not pre-trained', cnn()),
      await by('head alone', only(copy(), 'head'), 0.01),
      await by('frozen blocks', only(copy(), 'head', 'hidden')),
      await by('LoRA', lora, 0.01),
      await by('all layers', copy()),
    ]
    console.log(table(head, rows.map(cells)))
    const svg = show({ title: 'A CNN adapted to turned digits', ...curves(rows) })
    const adapter = await saved(lora, adapt(only(copy(), 'head'), layers, rank), pretrained, sets[1].x, out)
    return { rows, ...adapter, svg }
  },
)
