/**
 * @file A program that saves checkpoints to one file without end, to be killed: saver.mjs FILE FIRST. The nth one has n
 * as its step, and in every element of its tensors.
 */
import { io, tensor } from '../../src/index.ts'

const [path, first] = process.argv.slice(2)
const SIZE = 200_000
for (let step = Number(first); ; step++) {
  const w = tensor(new Float32Array(SIZE).fill(step))
  const part = { stateDict: () => ({ w, step }), loadStateDict: () => {} }
  await io.saveCheckpoint(path, { part }, { step })
  w.dispose()
  if (step === Number(first)) process.stdout.write('saved')
}
