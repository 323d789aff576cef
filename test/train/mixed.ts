/** @file Trainings under autocast, on any device. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { autocast, type Device, memory, noGrad, optim, scope, train } from '../../src/index.ts'
import { Accuracy, fiftyAndFifty, lesson } from '../support/training.ts'

/** @param forMany the device of hundreds of steps, if another */
export function mixedSuite(get: () => Device, forMany = get): void {
  it.each(['bfloat16', 'float16'] as const)(
    '50 steps and 50 more are 100, in %s, from files',
    async (half) => {
      const folder = mkdtempSync(join(tmpdir(), 'handgrad-mixed-'))
      try {
        // It begins so high that steps are left out, and grows while files are written.
        const scaler = () => new optim.GradScaler({ initScale: 2 ** 40, growthInterval: 9 })
        const more = () => ({ autocast: half, clip: { norm: 1 }, ...(half === 'float16' && { scaler: scaler() }) })
        const { whole, resumed } = await fiftyAndFifty(forMany(), folder, more)
        expect(resumed).toEqual(whole)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    60_000,
  )

  it('trains and evaluates on what autocast gives, weights and measures in 32 bits', async () => {
    const { model, validation, optimizer, loss } = lesson(get(), { batchSize: 60 })
    model.eval()
    const own: number[] = []
    for (const [x, target] of validation)
      own.push(await noGrad(() => scope(() => autocast('bfloat16', () => loss(model.forward(x), target)))).item())
    const all = { loss, metrics: { accuracy: new Accuracy() }, autocast: 'bfloat16' } as const
    const { loss: found, metrics } = await train.evaluate(model, validation, all)
    expect(found).toBeCloseTo((25 * own[0] + 25 * own[1] + 10 * own[2]) / 60, 6)
    expect(found).not.toBe((await train.evaluate(model, validation, { loss })).loss)
    expect(metrics['accuracy']).toBeGreaterThan(0)
    const { epochs } = await train.fit(model, { ...all, train: validation, validation, optimizer, progress: false })
    const after = await train.evaluate(model, validation, all)
    expect(epochs[0].validationLoss).toBe(after.loss)
    expect(model.parameters().map(({ grad }) => grad?.dtype)).toEqual(Array(4).fill('float32'))
  })

  it('leaves steps out that are not finite, averages with them, and clips what is left as without a scale', async () => {
    const { model, train: batches, optimizer, loss } = lesson(get())
    const scaler = new optim.GradScaler({ initScale: 2 ** 120 })
    const ema = new optim.EMA(model)
    const before = await model.parameters()[0].data()
    const options = { train: batches, loss, optimizer, ema, autocast: 'float16', scaler, gradNorm: true } as const
    const norms: number[] = []
    const scales: number[] = []
    let kept = true
    for await (const { step, gradNorm } of train.trainSteps(model, options)) {
      norms.push((await gradNorm?.item()) ?? Number.NaN)
      scales.push(scaler.getScale())
      if (step === 3) kept = String(await model.parameters()[0].data()) === String(before) && ema.updates === 0
    }
    expect(kept).toBe(true)
    expect(norms[0]).not.toBeLessThan(Infinity)
    expect(scales.slice(0, 3)).toEqual([2 ** 119, 2 ** 118, 2 ** 117])
    const fitted = (extra: Partial<train.FitOptions>) => {
      const { model, ...rest } = lesson(get())
      return train.fit(model, { ...rest, gradNorm: true, progress: false, epochs: 2, ...extra })
    }
    const [half, full] = [await fitted({ autocast: 'float16' }), await fitted({})]
    expect(Math.abs(half.gradNorms[0] / full.gradNorms[0] - 1)).toBeLessThan(0.01)
    expect(Math.abs(half.losses[17] / full.losses[17] - 1)).toBeLessThan(0.02)
  })

  it('holds nothing more afterwards', async () => {
    const device = get()
    const { model, ...rest } = lesson(device)
    const once = () => train.fit(model, { ...rest, autocast: 'float16', weight: () => 7, progress: false })
    await once()
    const held = () => ({ storages: memory(device).storages, bytes: memory(device).bytes })
    const before = held()
    await once()
    expect(held()).toEqual(before)
  })
}
