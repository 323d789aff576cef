/** @file Averages of weights on a device, against the CPU in float64. */
import { type Device, noGrad, optim, tensor } from '../../src/index.ts'

const sizeCases = [[1], [7, 3], [1027, 5, 256], [300, 1, 513, 2], [4096, 8192]]

/** What an average's kernel gets wrong on a device, over sizes that make launches of one, two and three tensors. */
export async function averageFaults(device: Device): Promise<string[]> {
  const faults: string[] = []
  for (const sizes of sizeCases) {
    const lists = sizes.map((n, k) => Float64Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i + k))))
    const run = async (options: { device: Device } | { dtype: 'float64' }): Promise<number[]> => {
      const ws = lists.map((list) => tensor(list, options))
      const average = new optim.EMA(ws, { decay: 0.75 })
      for (let step = 0; step < 3; step++) {
        average.update()
        for (const w of ws) noGrad(() => w.mul_(2))
      }
      return (await Promise.all(average.averages.map((x) => x.data()))).flatMap((data) => [...data])
    }
    const [got, want] = [await run({ device }), await run({ dtype: 'float64' })]
    const bad = want.findIndex((x, i) => !(Math.abs(got[i] - x) <= 1e-6))
    if (bad >= 0) faults.push(`${sizes}: element ${bad} is ${got[bad]}, not ${want[bad]}`)
  }
  return faults
}
