/**
 * @file A process that trains into a folder until it is interrupted, for test/train/interrupt.test.ts:
 * `interrupted.ts FOLDER [resume] [slow] [hang]`. Prints `step N` now and then, and `end` with the losses' sum at the
 * end.
 */
import { CpuDevice, train } from '../../src/index.ts'
import { lesson } from './training.ts'

const [folder, ...how] = process.argv.slice(2)
const { model, ...rest } = lesson(new CpuDevice())
const { losses } = await train.fit(model, {
  ...rest,
  epochs: 20,
  progress: false,
  // With 'hang' the only save is that of the interruption.
  checkpoint:
    folder && !how.includes('resume')
      ? { folder, keepLast: 2, every: how.includes('hang') ? 1000 : undefined }
      : undefined,
  resume: how.includes('resume') ? folder : undefined,
  callbacks: [
    async ({ kind, step }) => {
      const slow = kind === 'step' && step % 5 === 0 && how.includes('slow')
      if (slow) await new Promise((resolve) => setTimeout(resolve, 10))
      if (kind === 'read' && !how.includes('resume')) console.log(`step ${step}`)
      if (kind === 'checkpoint' && how.includes('hang')) {
        console.log('saved')
        await new Promise((resolve) => setTimeout(resolve, 60_000))
      }
    },
  ],
})
console.log(`end ${losses.length} ${losses.reduce((a, b) => a + b, 0)}`)
